// SPDX-License-Identifier: Apache-2.0

import Timing

@testable import Signaling

/// Dice that fall the same way for the same seed (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

func seconds(_ seconds: Double) -> Instant {
    Instant(sinceOrigin: .seconds(seconds))
}

extension Duration {
    /// `seconds` to the millisecond, without a Double's crumbs.
    static func exactly(_ seconds: Double) -> Duration {
        .milliseconds(Int64((seconds * 1_000).rounded()))
    }
}

let aDigest = (1...32).map { $0 < 16 ? "0\(String($0, radix: 16, uppercase: true))" : String($0, radix: 16) }
    .joined(separator: ":")

/// What phones and libraries offer, as they write it.
enum Offer: String, CaseIterable {
    case chromium
    case safari
    case aiortc

    var text: String {
        switch self {
        case .chromium: crlf(chromiumOffer)
        case .safari: crlf(safariOffer)
        case .aiortc: crlf(aiortcOffer)
        }
    }
}

/// The smallest offer that can be answered.
func smallOffer(session: Int = 1, version: Int = 2, ufrag: String = "abcd", digest: String = aDigest) -> String {
    crlf(
        """
        v=0
        o=- \(session) \(version) IN IP4 127.0.0.1
        s=-
        t=0 0
        m=video 9 UDP/TLS/RTP/SAVPF 96
        c=IN IP4 0.0.0.0
        a=ice-ufrag:\(ufrag)
        a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
        a=fingerprint:sha-256 \(digest)
        a=setup:actpass
        a=mid:0
        a=rtpmap:96 VP8/90000
        """)
}

func crlf(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n") + "\r\n"
}

private let chromiumOffer = """
    v=0
    o=- 4611731400430051336 2 IN IP4 127.0.0.1
    s=-
    t=0 0
    a=group:BUNDLE 0 1 2
    a=extmap-allow-mixed
    a=msid-semantic: WMS 7d2a6c3e
    m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
    c=IN IP4 0.0.0.0
    a=rtcp:9 IN IP4 0.0.0.0
    a=ice-ufrag:EsAw
    a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
    a=ice-options:trickle
    a=fingerprint:sha-256 \(aDigest)
    a=setup:actpass
    a=mid:0
    a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
    a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
    a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
    a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
    a=sendrecv
    a=msid:7d2a6c3e 1f0b
    a=rtcp-mux
    a=rtpmap:111 opus/48000/2
    a=rtcp-fb:111 transport-cc
    a=fmtp:111 minptime=10;useinbandfec=1
    a=rtpmap:63 red/48000/2
    a=fmtp:63 111/111
    a=rtpmap:9 G722/8000
    a=rtpmap:0 PCMU/8000
    a=rtpmap:8 PCMA/8000
    a=rtpmap:13 CN/8000
    a=rtpmap:110 telephone-event/48000
    a=rtpmap:126 telephone-event/8000
    a=ssrc:1001 cname:Zf3k
    m=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104 107 108 109 114 115 116 45 46 98 99
    c=IN IP4 0.0.0.0
    b=AS:2000
    a=rtcp:9 IN IP4 0.0.0.0
    a=candidate:3388485749 1 udp 2113937151 6c2f0f9e-7d2b-4c53-9d1f-3f0a1b2c3d4e.local 55032 typ host generation 0 ufrag EsAw network-cost 999
    a=candidate:842163049 1 udp 2122260223 192.168.1.23 50711 typ host generation 0 ufrag EsAw network-id 1 network-cost 10
    a=candidate:2270587845 1 udp 2122131711 2001:db8::8a2e:370:7334 50712 typ host generation 0 ufrag EsAw network-id 2 network-cost 10
    a=candidate:1876313031 1 tcp 1518280447 192.168.1.23 9 typ host tcptype active generation 0 ufrag EsAw network-id 1
    a=candidate:1677722000 1 udp 1685921535 203.0.113.7 50711 typ srflx raddr 192.168.1.23 rport 50711 generation 0 ufrag EsAw
    a=ice-ufrag:EsAw
    a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
    a=ice-options:trickle
    a=fingerprint:sha-256 \(aDigest)
    a=setup:actpass
    a=mid:1
    a=extmap:14 urn:ietf:params:rtp-hdrext:toffset
    a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
    a=extmap:13 urn:3gpp:video-orientation
    a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
    a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
    a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
    a=sendonly
    a=msid:7d2a6c3e 2e1c
    a=rtcp-mux
    a=rtcp-rsize
    a=rtpmap:96 VP8/90000
    a=rtcp-fb:96 goog-remb
    a=rtcp-fb:96 transport-cc
    a=rtcp-fb:96 nack pli
    a=rtpmap:97 rtx/90000
    a=fmtp:97 apt=96
    a=rtpmap:103 H264/90000
    a=rtcp-fb:103 nack pli
    a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f
    a=rtpmap:104 rtx/90000
    a=fmtp:104 apt=103
    a=rtpmap:107 H264/90000
    a=fmtp:107 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
    a=rtpmap:108 rtx/90000
    a=fmtp:108 apt=107
    a=rtpmap:109 H264/90000
    a=fmtp:109 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
    a=rtpmap:114 rtx/90000
    a=fmtp:114 apt=109
    a=rtpmap:115 H264/90000
    a=fmtp:115 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f
    a=rtpmap:116 rtx/90000
    a=fmtp:116 apt=115
    a=rtpmap:45 AV1/90000
    a=fmtp:45 level-idx=5;profile=0;tier=0
    a=rtpmap:46 rtx/90000
    a=fmtp:46 apt=45
    a=rtpmap:98 VP9/90000
    a=fmtp:98 profile-id=0
    a=rtpmap:99 rtx/90000
    a=fmtp:99 apt=98
    a=ssrc-group:FID 2001 2002
    a=ssrc:2001 cname:Zf3k
    a=ssrc:2002 cname:Zf3k
    m=application 9 UDP/DTLS/SCTP webrtc-datachannel
    c=IN IP4 0.0.0.0
    a=ice-ufrag:EsAw
    a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
    a=ice-options:trickle
    a=fingerprint:sha-256 \(aDigest)
    a=setup:actpass
    a=mid:2
    a=sctp-port:5000
    a=max-message-size:262144
    """

private let safariOffer = """
    v=0
    o=- 7595655801978680453 2 IN IP4 127.0.0.1
    s=-
    t=0 0
    a=group:BUNDLE video
    a=msid-semantic: WMS
    m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100 101 102 125
    c=IN IP4 0.0.0.0
    b=AS:2000
    a=rtcp:9 IN IP4 0.0.0.0
    a=candidate:1467250027 1 UDP 2122260223 fe80::1c2a:3ff:fe4b:5d6e 46243 typ host generation 0
    a=ice-ufrag:iPh0
    a=ice-pwd:qLYxZz0vQ0mC8e0uS3wQZ0aB
    a=ice-options:trickle
    a=fingerprint:SHA-256 \(aDigest)
    a=setup:actpass
    a=mid:video
    a=extmap:5/sendonly http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
    a=extmap:4 urn:3gpp:video-orientation
    a=sendonly
    a=rtcp-mux
    a=rtpmap:96 H264/90000
    a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640c1f
    a=rtpmap:97 rtx/90000
    a=fmtp:97 apt=96
    a=rtpmap:98 H264/90000
    a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
    a=rtpmap:99 rtx/90000
    a=fmtp:99 apt=98
    a=rtpmap:100 VP8/90000
    a=rtpmap:101 rtx/90000
    a=fmtp:101 apt=100
    a=rtpmap:102 red/90000
    a=rtpmap:125 ulpfec/90000
    """

private let aiortcOffer = """
    v=0
    o=- 3912345678 3912345678 IN IP4 0.0.0.0
    s=-
    t=0 0
    a=group:BUNDLE 0
    a=msid-semantic:WMS *
    a=fingerprint:sha-256 \(aDigest)
    a=setup:actpass
    m=video 50012 UDP/TLS/RTP/SAVPF 97 98 99 100 101 102
    c=IN IP4 192.168.1.50
    a=sendonly
    a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
    a=mid:0
    a=rtcp-mux
    a=rtpmap:97 VP8/90000
    a=rtcp-fb:97 nack pli
    a=rtpmap:98 rtx/90000
    a=fmtp:98 apt=97
    a=rtpmap:99 H264/90000
    a=fmtp:99 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
    a=rtpmap:100 rtx/90000
    a=fmtp:100 apt=99
    a=rtpmap:101 H264/90000
    a=fmtp:101 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
    a=rtpmap:102 rtx/90000
    a=fmtp:102 apt=101
    a=candidate:7f3a 1 udp 2130706431 192.168.1.50 50012 typ host
    a=candidate:8b1c 1 udp 1694498815 198.51.100.4 50012 typ srflx raddr 192.168.1.50 rport 50012
    a=end-of-candidates
    a=ice-ufrag:tNAJ
    a=ice-pwd:t0MzrXQWTUa4oPdmgQHDUX
    """

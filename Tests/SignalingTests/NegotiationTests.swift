// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Signaling

struct NegotiationTests {
    // MARK: - What webrtcbin is handed

    @Test
    func `an offer without quirks keeps its sections, codecs and usable candidates, and loses its rotation`() throws {
        let negotiation = try negotiate(Offer.chromium.text)
        let (before, after) = (negotiation.received, try handed(negotiation))
        #expect(after.sections.map(\.kind) == before.sections.map(\.kind))
        #expect(after.sections.map(\.mid) == before.sections.map(\.mid))
        #expect(after.sections.map(\.codecs) == before.sections.map(\.codecs))
        #expect(after.sections.map(\.candidates) == before.sections.map(\.candidates))
        #expect(after.ufrags == before.ufrags)
        #expect(lines("a=group", in: negotiation.offer) == ["a=group:BUNDLE 0 1 2"])
        #expect(!negotiation.offer.contains(".local"))
        #expect(!negotiation.offer.contains(HeaderExtension.videoOrientation))
    }

    @Test func `nothing is handed on with port 0, and all of it shares one connection`() throws {
        let offer = offer(
            "audio 0 UDP/TLS/RTP/SAVPF 0", "video 0 UDP/TLS/RTP/SAVPF 97", "text 9 RTP/AVP 98",
            "application 0 UDP/BFCP *",
            video, bundle: "0 2 4")
        let after = try handed(try negotiate(offer))
        #expect(after.sections.map(\.port) == [9, 9, 9, 9, 9])
        #expect(after.sections.map(\.kind) == [.audio, .video, .audio, .audio, .video])
        #expect(after.sections.map(\.mid) == ["section0", "section1", "section2", "section3", "4"])
        #expect(lines("a=group", in: after.description) == ["a=group:BUNDLE section0 section1 section2 section3 4"])
        for name in ["a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=setup:"] {
            #expect(lines(name, in: after.description).count == 5)
        }
    }

    @Test func `a section that another one carries is handed on as if it had an address`() throws {
        let after = try handed(
            try negotiate(offer("audio 9 UDP/TLS/RTP/SAVPF 111\na=rtpmap:111 opus/48000", video + "\na=bundle-only")))
        #expect(after.sections.map(\.port) == [9, 9])
        #expect(!after.description.contains("bundle-only"))
        #expect(after.sections.map(\.mid) == ["0", "1"])
    }

    @Test func `what stands for the whole session is copied into its sections`() throws {
        let text = Offer.aiortc.text
        #expect(lines("a=setup", in: try negotiate(text).offer) == ["a=setup:actpass"])
        #expect(try handed(try negotiate(text)).sections[0].lines.firstValue(of: "setup") == "actpass")
        #expect(try handed(try negotiate(text)).session.firstValue(of: "setup") == nil)
    }

    @Test func `the whole bundle has the address of the section that it is named by`() throws {
        let audio = "audio 9 UDP/TLS/RTP/SAVPF 111\na=rtpmap:111 opus/48000\na=ice-pwd:another0another0another0"
        let negotiation = try negotiate(offer(audio, video, bundle: "1 0"))
        #expect(lines("a=group", in: negotiation.offer) == ["a=group:BUNDLE 0 1"])
        #expect(Set(lines("a=ice-pwd", in: negotiation.offer)).count == 1)
        #expect(!negotiation.offer.contains("another"))
        let named = try negotiate(offer(audio, video, bundle: "0 1"))
        #expect(Set(lines("a=ice-pwd", in: named.offer)) == ["a=ice-pwd:another0another0another0"])
    }

    @Test func `to webrtcbin every video is sent always, and no sound ever`() throws {
        for (audio, video) in [("sendrecv", "inactive"), ("sendonly", "recvonly"), ("inactive", "sendonly")] {
            let text = offer(
                "audio 9 UDP/TLS/RTP/SAVPF 111\na=rtpmap:111 opus/48000\na=\(audio)", self.video + "\na=\(video)")
            let directions = try handed(try negotiate(text)).sections.map { $0.lines.compactMap(\.direction) }
            #expect(directions == [[.inactive], [.sendonly]])
        }
    }

    // MARK: - What the phone gets

    @Test func `sections that were offered with port 0, or cannot be received, are answered with port 0`() throws {
        let offer = offer(
            "audio 0 UDP/TLS/RTP/SAVPF 0", video, "text 9 RTP/AVP 98", "application 0 UDP/DTLS/SCTP webrtc-datachannel",
            bundle: "1 2")
        let answer = try answer(to: offer)
        #expect(
            lines("m=", in: answer) == [
                "m=audio 0 UDP/TLS/RTP/SAVPF 0", "m=video 9 UDP/TLS/RTP/SAVPF 96", "m=text 0 RTP/AVP 98",
                "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
            ])
        #expect(lines("a=mid", in: answer) == ["a=mid:0", "a=mid:1", "a=mid:2", "a=mid:3"])
        #expect(lines("a=group", in: answer) == ["a=group:BUNDLE 1"])
        #expect(try SessionDescription(parsing: answer).sections[0].lines.count == 4)
    }

    @Test func `what has a connection beside the video's is refused, and nothing is bundled that was not`() throws {
        let answer = try answer(
            to: offer("audio 9 UDP/TLS/RTP/SAVPF 111\na=rtpmap:111 opus/48000", video, bundle: nil))
        #expect(lines("m=audio", in: answer) == ["m=audio 0 UDP/TLS/RTP/SAVPF 111"])
        #expect(lines("a=group", in: answer) == [])
    }

    @Test func `a section without a mid is answered without one`() throws {
        let offer = smallOffer().replacing("a=mid:0\r\n", with: "")
        #expect(lines("a=mid", in: try negotiate(offer).offer) == ["a=mid:section0"])
        #expect(lines("a=mid", in: try answer(to: offer)) == [])
        #expect(lines("a=group", in: try answer(to: offer)) == [])
    }

    @Test(arguments: [
        ("sendonly", "recvonly"), ("sendrecv", "recvonly"), ("recvonly", "inactive"), ("inactive", "inactive"),
    ])
    func `the video is wanted if it is sent, and nothing else is`(offered: String, answered: String) throws {
        let text = offer(
            "audio 9 UDP/TLS/RTP/SAVPF 111\na=rtpmap:111 opus/48000\na=sendrecv", video + "\na=\(offered)",
            "application 9 UDP/DTLS/SCTP webrtc-datachannel")
        let directions = try SessionDescription(parsing: try answer(to: text)).sections.map {
            $0.lines.compactMap(\.direction?.rawValue)
        }
        #expect(directions == [["inactive"], [answered], []])
    }

    @Test(arguments: [
        (
            "packetization-mode=1;level-asymmetry-allowed=1",
            "packetization-mode=1;level-asymmetry-allowed=1;profile-level-id=4d001f"
        ),
        ("", "profile-level-id=4d001f"), ("profile-level-id=42e01f", "profile-level-id=42e01f"),
    ])
    func `the profile that was offered is answered, once`(made: String, answered: String) throws {
        let text = offer(
            "video 9 UDP/TLS/RTP/SAVPF 96\na=rtpmap:96 H264/90000\na=fmtp:96 profile-level-id=4d001f;packetization-mode=1"
        )
        let negotiation = try negotiate(text)
        let answer = try #require(
            negotiation.answer(made: made.isEmpty ? libraryAnswer(1) : libraryAnswer(1, "a=fmtp:96 \(made)")))
        #expect(lines("a=fmtp", in: answer.remote) == ["a=fmtp:96 \(answered)"])
        #expect(lines("a=fmtp", in: answer.local) == (made.isEmpty ? [] : ["a=fmtp:96 \(made)"]))
    }

    @Test func `the answer's profile and limits are the offer's, each limit once and before the attributes`() throws {
        let text = offer(
            "video 9 RTP/SAVPF 96\nb=AS:2000\na=rtpmap:96 VP8/90000\nb=TIAS:2000000\nb=AS:2000\nb=AS:0\nb=RS:-1",
            "application 9 UDP/DTLS/SCTP webrtc-datachannel\nb=AS:30")
        let sections = try SessionDescription(parsing: try answer(to: text)).sections
        #expect(
            sections[0].lines.prefix(4).map(\.text) == [
                "m=video 9 RTP/SAVPF 96", "c=IN IP4 0.0.0.0", "b=AS:2000", "b=TIAS:2000000",
            ])
        #expect(sections[1].bandwidths.isEmpty)
    }

    @Test func `transport-cc is answered under the offer's number where it was offered, also to webrtcbin`() throws {
        let offered = "a=extmap:3/sendonly \(HeaderExtension.transportWideCC)"
        let negotiation = try negotiate(offer(video + "\n\(offered)\na=extmap:4 urn:other"))
        func added(_ made: String...) throws -> [String] {
            let answer = try #require(negotiation.answer(made: libraryAnswer(1, made.joined(separator: "\n"))))
            #expect(lines("a=extmap", in: answer.local) == lines("a=extmap", in: answer.remote))
            return lines("a=extmap", in: answer.remote)
        }
        let line = "a=extmap:3 \(HeaderExtension.transportWideCC)"
        #expect(try added("a=rtcp-mux") == [line])
        #expect(try added(line) == [line])
        // A number that is used for something else is left alone.
        #expect(try added("a=extmap:3 urn:other") == ["a=extmap:3 urn:other"])
        #expect(lines("a=extmap", in: try answer(to: offer(video))) == [])
    }

    @Test(arguments: ["", "garbage", "v=0\r\n", "v=0\r\nm=video 9 RTP 96\r\nm=video 9 RTP 96\r\n"])
    func `what answers nothing is no answer`(text: String) throws {
        #expect(try negotiate(smallOffer()).answer(made: text) == nil)
    }

    // MARK: - Candidates

    @Test(
        arguments: [
            ("1", nil, 1), (nil, 1, 1), ("2", 1, 2), (nil, nil, 1), ("0", 0, 1), (nil, 0, 1), (nil, 3, nil),
        ] as [(String?, Int?, Int?)])
    func `a candidate of the phone's finds its section, or the video where that was refused`(
        mid: String?, index: Int?, section: Int?
    ) throws {
        let negotiation = try negotiate(
            offer("audio 0 UDP/TLS/RTP/SAVPF 0", video, "application 9 UDP/DTLS/SCTP webrtc-datachannel"))
        #expect(negotiation.section(of: TrickledCandidate(candidate: "", sectionIndex: index, mid: mid)) == section)
    }

    @Test func `one of ours is never said to be of a section that was refused`() throws {
        let negotiation = try negotiate(offer("audio 0 UDP/TLS/RTP/SAVPF 0", video))
        for section in 0...1 {
            #expect(
                negotiation.candidate("c", section: section)
                    == TrickledCandidate(candidate: "c", sectionIndex: 1, mid: "1"))
        }
    }

    // MARK: - Refusals

    @Test(
        arguments: [
            ("a=fingerprint:sha-256 \(aDigest)", "a=fingerprint:SHA-1 00:01", .weakFingerprint),
            ("a=fingerprint:sha-256 \(aDigest)", "a=fingerprint:md5 00", .noFingerprint),
            ("a=fingerprint:sha-256 \(aDigest)", "a=x", .noFingerprint), ("a=ice-ufrag:abcd", "a=x", .noCredentials),
            ("a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1", "a=ice-pwd:", .noCredentials), ("a=setup:actpass", "a=x", .noSetup),
            ("a=setup:actpass", "a=setup:holdconn", .noSetup), ("a=setup:actpass", "a=setup:", .noSetup),
        ] as [(String, String, SessionDescription.Refusal)])
    func `what has no proof or no address is refused with its reason`(
        line: String, replacement: String, refusal: SessionDescription.Refusal
    ) {
        #expect(throws: refusal) { try negotiate(smallOffer().replacing(line, with: replacement)) }
    }

    @Test func `a sha-1 fingerprint beside a better one is no hindrance`() throws {
        let text = smallOffer().replacing("a=setup", with: "a=fingerprint:sha-1 00:01\r\na=setup")
        #expect(try negotiate(text).fingerprints.map(\.hash) == [.sha256])
    }

    @Test
    func `a new version of one origin and certificate goes on with the connection; anything else does not`() throws {
        func offer(_ session: Int, _ version: Int, _ digest: String = aDigest) throws -> Negotiation {
            try negotiate(smallOffer(session: session, version: version, ufrag: "new", digest: digest))
        }
        let first = try negotiate(smallOffer(session: 1, version: 2))
        #expect(try offer(1, 3).continues(first))
        #expect(try !offer(1, 2).continues(first))
        #expect(try !offer(1, 1).continues(first))
        #expect(try !offer(2, 3).continues(first))
        #expect(try !offer(1, 3, "FF" + aDigest.dropFirst(2)).continues(first))
    }

    @Test func `a bundle that is named by another section is a fresh connection`() throws {
        func named(_ bundle: String, version: Int) throws -> Negotiation {
            let text = offer("audio 9 UDP/TLS/RTP/SAVPF 111\na=rtpmap:111 opus/48000", video, bundle: bundle)
            return try negotiate(text.replacing("o=- 1 1", with: "o=- 1 \(version)"))
        }
        let first = try named("0 1", version: 1)
        #expect(try named("0 1", version: 2).continues(first))
        #expect(try !named("1", version: 2).continues(first))
    }

    // MARK: - Parts

    private let video = "video 9 UDP/TLS/RTP/SAVPF 96\na=rtpmap:96 VP8/90000"

    /// Sections in their order, with mids from 0 on, which are bundled unless the offer says otherwise.
    private func offer(_ sections: String..., bundle: String? = "0 1 2") -> String {
        let session =
            ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"] + (bundle.map { ["a=group:BUNDLE \($0)"] } ?? [])
        let transport = [
            "a=ice-ufrag:abcd", "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1", "a=fingerprint:sha-256 \(aDigest)",
            "a=setup:actpass",
        ]
        let all = sections.enumerated().flatMap { index, section in
            let own = section.split(separator: "\n").map(String.init)
            return ["m=" + own[0]] + own.dropFirst() + ["a=mid:\(index)"]
                + transport.filter { line in !own.contains { $0.hasPrefix(line.prefix(9)) } }
        }
        return crlf((session + all).joined(separator: "\n"))
    }

    private func negotiate(_ text: String) throws -> Negotiation {
        try Negotiation(offered: text, preferring: [.h264, .vp8])
    }

    private func handed(_ negotiation: Negotiation) throws -> SessionDescription {
        try SessionDescription(parsing: negotiation.offer)
    }

    /// What webrtcbin makes of it, more or less, and the phone gets.
    private func answer(to offer: String) throws -> String {
        let negotiation = try negotiate(offer)
        var made = lines("", in: libraryAnswer(0))
        made.append("a=group:BUNDLE \(try handed(negotiation).sections.compactMap(\.mid).joined(separator: " "))")
        for section in try handed(negotiation).sections {
            made.append(
                section.lines[0].text.replacing("RTP/SAVPF", with: "UDP/TLS/RTP/SAVPF").replacing(
                    "UDP/TLS/UDP/TLS", with: "UDP/TLS"))
            made += ["c=IN IP4 0.0.0.0"] + lines("a=mid", in: section.lines.map(\.text).joined(separator: "\r\n"))
            made += section.kind == .application ? [] : section.kind == .audio ? ["a=inactive"] : ["a=recvonly"]
        }
        return try #require(negotiation.answer(made: crlf(made.joined(separator: "\n")))).remote
    }

    /// With so many sections of video, and a line in each.
    private func libraryAnswer(_ sections: Int, _ line: String = "a=rtcp-mux") -> String {
        let section = "\nm=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:0\na=rtpmap:96 H264/90000\n" + line
        return crlf("v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\nt=0 0" + String(repeating: section, count: sections))
    }

    private func lines(_ prefix: String, in text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map(String.init).filter { $0.hasPrefix(prefix) }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Signaling

struct SessionDescriptionTests {
    @Test(arguments: Offer.allCases)
    func `an offer reads and writes to the byte`(offer: Offer) throws {
        let unixText = String(offer.text.map { $0 == "\r\n" ? "\n" : $0 })
        for text in [offer.text, unixText, String(offer.text.dropLast()), offer.text + "\r\n"] {
            let description = try SessionDescription(parsing: text)
            #expect(Array(description.description.utf8) == Array(text.utf8))
        }
    }

    @Test(
        arguments: [
            ("", []), ("a=x-understands:ice_restart", ["ice_restart"]), ("a=x-understands:one two", ["one", "two"]),
            ("a=x-understands", []), ("a=x-understands:", []), ("a=x-understandsice_restart", []),
        ] as [(String, Set<String>)])
    func `what a phone says it understands is known, and changes nothing else`(
        line: String, commands: Set<String>
    ) throws {
        let text = smallOffer().replacing("t=0 0\r\n", with: "t=0 0\r\n" + (line.isEmpty ? "" : line + "\r\n"))
        let offer = try SessionDescription(parsing: text)
        #expect(Set(offer.understood.map(\.rawValue)) == commands)
        #expect(offer.sections == (try SessionDescription(parsing: smallOffer())).sections)
    }

    @Test func `a Chromium offer is understood`() throws {
        let offer = try SessionDescription(parsing: Offer.chromium.text)
        #expect(offer.sections.map(\.kind) == [.audio, .video, .application])
        #expect(offer.sections.map(\.mid) == ["0", "1", "2"])
        #expect(offer.sections.map { offer.setup(of: $0) } == [.actpass, .actpass, .actpass])
        #expect(offer.origin == .init(author: "-", session: "4611731400430051336", version: 2))
        #expect(offer.ufrags == ["EsAw"])

        let video = offer.sections[1]
        #expect(video.bandwidths.map(\.modifier) == ["AS"])
        #expect(video.bandwidths.map(\.value) == [2_000])
        #expect(video.codecs.map(\.payload) == [96, 97, 103, 104, 107, 108, 109, 114, 115, 116, 45, 46, 98, 99])
        #expect(video.codecs[0].name == "VP8")
        #expect(video.codecs[1].repairedPayload == 96)
        #expect(video.codecs[0].repairedPayload == nil)
        #expect(video.codecs[6].parameter("profile-level-id") == "42e01f")
        #expect(video.extensions.first { $0.uri == HeaderExtension.videoOrientation }?.id == 13)
        #expect(offer.fingerprints(of: video).map(\.digest) == [Array(1...32)])
        #expect(
            video.candidates.map(\.address) == [
                "192.168.1.23", "2001:db8::8a2e:370:7334", "192.168.1.23", "203.0.113.7",
            ])
        #expect(offer.sections[2].formats == ["webrtc-datachannel"])
        #expect(offer.sections[2].codecs.isEmpty)
    }

    @Test func `Safari's directions and capitals are understood`() throws {
        let offer = try SessionDescription(parsing: Offer.safari.text)
        let video = offer.sections[0]
        #expect(video.extensions.map(\.id) == [5, 4])
        #expect(offer.fingerprints(of: video).map(\.hash) == [.sha256])
    }

    @Test func `what a section lacks holds for the whole session`() throws {
        let offer = try SessionDescription(parsing: Offer.aiortc.text)
        #expect(offer.fingerprints(of: offer.sections[0]).count == 1)
        #expect(offer.setup(of: offer.sections[0]) == .actpass)
        #expect(offer.sections[0].bandwidths.isEmpty)
    }

    @Test(arguments: [
        "a=fingerprint:sha-1 \(aDigest)", "a=fingerprint:sha-256 \(aDigest):00",
        "a=fingerprint:sha-256 \(aDigest)0",
        "a=fingerprint:sha-256 ", "a=fingerprint:sha-256", "a=fingerprint",
        "a=fingerprint:sha-256 +1:\(aDigest.dropFirst(3))",
        "a=fingerprint:sha-512 \(aDigest)", "a=fingerprint:sha-256 \(aDigest) x",
    ])
    func `only a whole SHA-2 fingerprint is one`(line: String) throws {
        let offer = try SessionDescription(parsing: "v=0\nm=video 9 RTP 96\na=rtpmap:96 VP8/90000\n\(line)\n")
        #expect(offer.fingerprints(of: offer.sections[0]).isEmpty)
    }

    @Test(
        arguments: [
            ("", .empty),
            ("garbage", .garbage(line: 1)),
            ("a=mid:0\r\nv=0\r\n", .garbage(line: 1)),
            ("\r\nv=0\r\n", .garbage(line: 1)),
            ("v=0\r\nnonsense\r\n", .garbage(line: 2)),
            ("v=0\r\n=\r\n", .garbage(line: 2)),
            ("v=0\r\nV=0\r\n", .garbage(line: 2)),
            ("v=0\r\nm=video\r\n", .garbage(line: 2)),
            ("v=0\r\nm=video x RTP 96\r\n", .garbage(line: 2)),
            ("v=0\r\nm=video 65536 RTP 96\r\n", .garbage(line: 2)),
        ] as [(String, SessionDescription.Refusal)])
    func `what is no SDP is refused with its line`(text: String, refusal: SessionDescription.Refusal) {
        #expect(throws: refusal) { try SessionDescription(parsing: text) }
    }

    @Test func `what another parser would cut into other lines is refused`() {
        let hidden = "a=candidate:1 1 udp 5 x.local 5000 typ host\r\n"
        for start in [" ", "\t", "\u{B}", "s=-\r", "s=-\u{0}", "s=\u{C}", "s=-\u{7F}", "\u{301}"] {
            #expect(throws: SessionDescription.Refusal.garbage(line: 2)) {
                try SessionDescription(parsing: "v=0\r\n" + start + hidden)
            }
        }
    }

    @Test func `what is too long or has too many parts is refused`() {
        let texts = [
            "v=0\n" + String(repeating: "a=x\n", count: 4_000),
            "v=0\n" + String(repeating: "m=video 9 RTP 96\n", count: 65),
            "v=0\n" + String(repeating: "a", count: 256 * 1_024),
            String(repeating: "a=", count: 512 * 1_024),
        ]
        for text in texts {
            #expect(throws: SessionDescription.Refusal.tooLong) { try SessionDescription(parsing: text) }
        }
    }

    // MARK: - Changes

    @Test func `unusable candidates are dropped and all else stays`() throws {
        let offer = try SessionDescription(parsing: Offer.chromium.text)
        let expected = lines(Offer.chromium.text).filter { !$0.contains(".local") }
        #expect(lines(offer.droppingUnusableCandidates().description) == expected)
        #expect(expected.count == lines(Offer.chromium.text).count - 1)
    }

    @Test(arguments: [
        "a=candidate:1 1 udp 5 x.local 5000 typ host",
        "a= candidate:1 1 udp 5 x.local 5000 typ host",
        "a=candidate: 1 1 udp 5 x.local 5000 typ host",
        "a=candidate:1  1 udp 5 x.local 5000 typ host",
        "a=candidate:\u{301}1 1 udp 5 x.local 5000 typ host",
        "a=candidate:1 1 udp 5 x.LocaL 5000 typ host",
        "a=candidate:1 1 udp 5 x.local\u{301} 5000 typ host",
        "a=candidate:x.local",
        "a=candidate",
    ])
    func `no disguise brings a local name through`(line: String) throws {
        for prefix in ["v=0\r\n", "v=0\r\nm=video 9 RTP 96\r\n"] {
            let offer = try SessionDescription(parsing: prefix + line + "\r\n")
            #expect(offer.droppingUnusableCandidates().description == prefix)
        }
    }

    @Test(
        arguments: [
            ("1", 0, 1), ("2", nil, 2), ("nowhere", 1, 1), (nil, 2, 2), (nil, nil, 0), (nil, 3, nil),
            ("nowhere", 7, nil),
        ] as [(String?, Int?, Int?)])
    func `a candidate finds its section by mid, then by index, then in the first`(
        mid: String?, index: Int?, section: Int?
    ) throws {
        let offer = try SessionDescription(parsing: Offer.chromium.text)
        let candidate = TrickledCandidate(candidate: "", sectionIndex: index, mid: mid)
        #expect(offer.sectionIndex(of: candidate) == section)
    }

    // MARK: - Random

    @Test(arguments: 0..<100)
    func `random bytes are refused or kept to the byte`(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        for _ in 0..<20 {
            let bytes = (0..<Int.random(in: 0...300, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) }
            check("v=0\n" + String(decoding: bytes, as: UTF8.self))
            check(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test(arguments: 0..<200)
    func `damaged, shuffled and cut offers are refused or kept to the byte`(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        for offer in Offer.allCases {
            var bytes = Array(offer.text.utf8)
            for _ in 0..<Int.random(in: 1...20, using: &dice) {
                bytes[Int.random(in: 5..<bytes.count, using: &dice)] = UInt8.random(in: 0...127, using: &dice)
            }
            check(String(decoding: bytes, as: UTF8.self))
            check(String(decoding: bytes.prefix(Int.random(in: 0..<bytes.count, using: &dice)), as: UTF8.self))
            let all = lines(offer.text)
            let shuffled = ["v=0"] + all.dropFirst().shuffled(using: &dice)
            let ends = shuffled.map { $0 + (Bool.random(using: &dice) ? "\r\n" : "\n") }.joined()
            #expect(check(ends))
            check(all.shuffled(using: &dice).joined(separator: "\n"))
        }
    }

    /// Whether it was taken; if so it must be whole, and every operation must leave something that reads the same.
    @discardableResult
    private func check(_ text: String) -> Bool {
        guard let description = try? SessionDescription(parsing: text) else { return false }
        #expect(Array(description.description.utf8) == Array(text.utf8))
        let cleaned = description.droppingUnusableCandidates()
        #expect(
            cleaned.sections.flatMap(\.lines).allSatisfy {
                !$0.text.hasPrefix("a=candidate") || !$0.text.contains(".local")
            })
        if !cleaned.description.isEmpty { #expect((try? SessionDescription(parsing: cleaned.description)) == cleaned) }
        checkNegotiation(of: text)
        return true
    }

    /// Whatever can be answered must give texts that are descriptions, without a name in place of an address.
    private func checkNegotiation(of text: String) {
        guard let negotiation = try? Negotiation(offered: text, preferring: VideoCodec.allCases),
            let offer = try? SessionDescription(parsing: negotiation.offer)
        else { return }
        #expect(offer.sections.count == negotiation.received.sections.count)
        #expect(offer.droppingUnusableCandidates() == offer)
        let answer = negotiation.answer(made: negotiation.offer)
        #expect(answer.flatMap { try? SessionDescription(parsing: $0.remote) }?.sections.count == offer.sections.count)
    }

    private func lines(_ text: String) -> [Substring] {
        text.split(whereSeparator: \.isNewline)
    }
}

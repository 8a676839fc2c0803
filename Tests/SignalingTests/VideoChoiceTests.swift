// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Signaling

struct VideoChoiceTests {
    @Test(
        arguments: [
            (.chromium, [.h264, .vp8], 109, 114), (.chromium, [.vp8, .h264], 96, 97), (.chromium, [.vp8], 96, 97),
            (.safari, [.h264, .vp8], 98, 99), (.safari, [.vp8, .h264], 100, 101),
            (.aiortc, [.h264, .vp8], 101, 102), (.aiortc, [.vp8], 97, 98),
        ] as [(Offer, [VideoCodec], UInt8, UInt8)])
    func `the payload that we like best is chosen from what is offered`(
        offer: Offer, preferences: [VideoCodec], payload: UInt8, repair: UInt8
    ) throws {
        let description = try SessionDescription(parsing: offer.text)
        let choice = try description.videoChoice(preferring: preferences)
        #expect(choice.codec.payload == payload)
        #expect(choice.repair?.payload == repair)
        #expect(description.sections[choice.section].kind == .video)
    }

    private static func h264(_ format: String) throws -> H264Format {
        var codec = try #require(Codec(rtpmap: "100 H264/90000"))
        codec.format = format
        return H264Format(codec)
    }

    @Test(
        arguments: [
            ("42e01f", .constrainedBaseline), ("42E034", .constrainedBaseline), ("42c01e", .constrainedBaseline),
            ("42001f", .baseline), ("420010", .baseline), ("4d001f", .main), ("4d801f", .constrainedBaseline),
            ("58c01f", .constrainedBaseline), ("58001f", .other), ("640c1f", .constrainedHigh),
            ("640c34", .constrainedHigh), ("64001f", .high), ("f4001f", .other), ("", .other), ("42e01", .other),
            ("42e01fff", .other), ("zzzzzz", .other), ("+2e01f", .other),
        ] as [(String, H264Format.Profile)])
    func `a profile is read from its six digits`(digits: String, profile: H264Format.Profile) throws {
        #expect(try VideoChoiceTests.h264("profile-level-id=\(digits)").profile == profile)
    }

    @Test func `each of these is liked better than the next`() throws {
        let formats = try [
            "packetization-mode=1;profile-level-id=42e01f", "packetization-mode=1;profile-level-id=42001f",
            "packetization-mode=1; profile-level-id=4d001f", "Packetization-Mode=1;profile-level-id=640c1f",
            "packetization-mode=1;profile-level-id=64001f", "packetization-mode=1;profile-level-id=f4001f",
            "packetization-mode=0;profile-level-id=42e01f", "profile-level-id=42001f",
            "packetization-mode=2;profile-level-id=4d001f",
        ].map(VideoChoiceTests.h264)
        #expect(formats == formats.sorted())
        for (better, worse) in zip(formats, formats.dropFirst()) { #expect(better < worse) }
        #expect(try VideoChoiceTests.h264("").profile == .baseline)
    }

    @Test func `of equals the first offered is chosen`() throws {
        let offer = """
            v=0
            a=fingerprint:sha-256 \(aDigest)
            m=video 9 UDP/TLS/RTP/SAVPF 102 101
            a=rtpmap:101 H264/90000
            a=fmtp:101 packetization-mode=1;profile-level-id=42e034
            a=rtpmap:102 h264/90000
            a=fmtp:102 packetization-mode=1;profile-level-id=42e01f
            """
        #expect(try SessionDescription(parsing: offer).videoChoice(preferring: [.h264]).codec.payload == 102)
        #expect(try SessionDescription(parsing: offer).videoChoice(preferring: [.h264]).repair == nil)
    }

    @Test(
        arguments: [
            ("v=0\n", .noVideo),
            ("v=0\nm=audio 9 RTP 0\n", .noVideo),
            ("v=0\nm=video 0 RTP 96\na=rtpmap:96 VP8/90000\n", .noVideo),
            ("v=0\nm=video 9 RTP 96\n", .noCodec(ours: [.h264, .vp8], offered: [])),
            ("v=0\nm=video 9 RTP 96\na=rtpmap:96 AV1/90000\n", .noCodec(ours: [.h264, .vp8], offered: ["AV1"])),
            ("v=0\nm=video 9 RTP 97\na=rtpmap:96 VP8/90000\n", .noCodec(ours: [.h264, .vp8], offered: [])),
        ] as [(String, SessionDescription.Refusal)])
    func `what can't be answered is refused with its reason`(text: String, refusal: SessionDescription.Refusal) throws {
        let offer = try SessionDescription(parsing: text)
        #expect(throws: refusal) { try offer.videoChoice(preferring: [.h264, .vp8]) }
    }

    @Test func `a section that another one carries is not rejected, and a later one can be the one`() throws {
        let offer = """
            v=0
            a=fingerprint:sha-256 \(aDigest)
            m=video 9 RTP 45
            a=rtpmap:45 AV1/90000
            m=video 0 RTP 96
            a=bundle-only
            a=rtpmap:96 VP8/90000
            """
        #expect(try SessionDescription(parsing: offer).videoChoice(preferring: [.vp8]).section == 1)
    }

    @Test(
        arguments: [
            (nil, "recvonly", "sendonly", 1), (nil, "inactive", "sendrecv", 1), (nil, "inactive", nil, 1),
            (nil, "sendonly", "sendonly", 0), (nil, nil, "sendonly", 0), ("recvonly", nil, "sendonly", 1),
            ("recvonly", "sendonly", nil, 0), ("sendonly", "recvonly", nil, 1),
            // Neither is: what rests may be sent later.
            (nil, "recvonly", "inactive", 0), ("inactive", nil, nil, 0),
        ] as [(String?, String?, String?, Int)])
    func `a video that is sent is chosen before one that is not, wherever the direction stands`(
        session: String?, first: String?, second: String?, section: Int
    ) throws {
        func line(_ direction: String?) -> String { direction.map { "a=\($0)\n" } ?? "" }
        let video = "m=video 9 RTP 96\na=rtpmap:96 VP8/90000\n"
        let offer = "v=0\n" + line(session) + video + line(first) + video + line(second)
        #expect(try SessionDescription(parsing: offer).videoChoice(preferring: [.vp8]).section == section)
    }

    @Test func `a video that is not sent does not stand in for one that is, but has none of our codecs`() throws {
        let offer =
            "v=0\nm=video 9 RTP 96\na=rtpmap:96 VP8/90000\na=recvonly\nm=video 9 RTP 96\na=rtpmap:96 AV1/90000\n"
        #expect(throws: SessionDescription.Refusal.noCodec(ours: [.vp8], offered: ["AV1"])) {
            try SessionDescription(parsing: offer).videoChoice(preferring: [.vp8])
        }
    }
}

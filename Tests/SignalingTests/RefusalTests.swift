// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Signaling

struct RefusalTests {
    @Test func `the log gets few letters of what a peer wrote, and none that could forge a line`() {
        let name = "H264\n14:50:00 [INFO] forged" + String(repeating: "é", count: 500)
        let refusal = SessionDescription.Refusal.noCodec(
            ours: VideoCodec.allCases, offered: (0..<100).map { String($0) + name })
        #expect(refusal.description.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(refusal.description.utf8.count < 400)
    }

    @Test(arguments: [
        (["VP9", "rtx", "VP9", "rtx", "red", "ulpfec"], "none of our codecs (H264, VP8) is offered, but VP9"),
        (["AV1", "rtx", "vp9", "H265", "VP9"], "none of our codecs (H264, VP8) is offered, but AV1, vp9, H265"),
        (["rtx"], "none of our codecs (H264, VP8) is offered"),
        ([], "none of our codecs (H264, VP8) is offered"),
    ])
    func `codecs are named once each, ours as well, and without what carries others`(offered: [String], text: String) {
        #expect(SessionDescription.Refusal.noCodec(ours: [.h264, .vp8], offered: offered).description == text)
    }

    @Test(arguments: [
        (
            "media 1 has different ice-pwd values in bundle. P2uYro0UCOQ4zxjKXaWCBui1 != other+/pwd",
            "media 1 has different ice-pwd values in bundle. ... != ..."
        ),
        (
            "Fingerprint in media 0 differs: 'sha-256 AB:CD' (2)",
            "Fingerprint in media ... differs: '... ...:...' (2)"
        ),
        (
            "media 1 is missing or contains an empty 'setup' attribute",
            "media 1 is missing or contains an empty 'setup' attribute"
        ),
        ("", ""),
    ])
    func `what a library says of a description is told without what it quotes`(said: String, told: String) {
        let description = """
            v=0
            m=video 9 UDP/TLS/RTP/SAVPF 96
            a=setup:actpass
            a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
            a=fingerprint:sha-256 AB:CD
            a=ice-pwd:other+/pwd
            """
        #expect(said.withholding(valuesOf: description) == told)
    }
}

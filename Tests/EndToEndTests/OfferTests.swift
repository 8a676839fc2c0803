// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What a receiver makes of the offers of phones that are not ours, as real processes.
@Suite("Offers", .serialized, .timeLimit(.minutes(1)))
struct OfferTests {
    @Test(arguments: [("vp8", "trickled"), ("h264", "bundled")])
    func `frames flow from an aiortc phone, and pings are answered`(codec: String, candidates: String) async throws {
        let receiver = try await ReceiverProcess()
        let phone = try Program.phone(
            at: receiver.url, "--codec", codec, "--candidates", candidates, "--size", "640x480")
        try await receiver.reachFrame()
        try await receiver.reach("frames", of: "default")
        try await phone.line(with: "ping")
    }

    @Test func `a wrong fingerprint gives no frame, one error, and a new attempt`() async throws {
        let receiver = try await ReceiverProcess()
        let phone = try Program.phone(at: receiver.url, "--wrong-fingerprints", "1")
        let failure = try await receiver.reach("connection_failed", of: "default")
        #expect(failure.reason == "fingerprint_mismatch")
        #expect(!receiver.log.contains { $0.event == "first_frame" })
        try await receiver.reachRecovery()
        #expect(receiver.errors == ["connection_failed"])
        withExtendedLifetime(phone) {}
    }

    @Test func `offers that cannot be answered give one error each, and the receiver goes on`() async throws {
        let receiver = try await ReceiverProcess()
        let stranger = try Program.python("peer.py", "\(receiver.url)/camera", "--token", RelayProcess.token)
        try await stranger.line(with: "open")
        for (sdp, reason) in [
            ("", "empty"), ("garbage", "garbage"), (OfferTests.offer("audio", "opus/48000/2"), "no_video"),
            (OfferTests.offer("video", "AV1/90000"), "no_codec"),
        ] {
            let offer = try JSONEncoder().encode(["send": ["type": "offer", "sdp": sdp]])
            try stranger.tell(String(decoding: offer, as: UTF8.self))
            #expect(try await receiver.reach("offer_refused", of: "default").reason == reason)
        }
        // It takes the stranger's place.
        let phone = try Program.phone(at: receiver.url)
        try await receiver.reachFrame()
        try await receiver.reach("frames", of: "default")
        #expect(receiver.errors == Array(repeating: "offer_refused", count: 4))
        withExtendedLifetime(phone) {}
    }

    private static func offer(_ kind: String, _ codec: String) -> String {
        [
            "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "m=\(kind) 9 UDP/TLS/RTP/SAVPF 100",
            "c=IN IP4 0.0.0.0", "a=mid:0", "a=rtpmap:100 \(codec)", "a=sendonly", "a=rtcp-mux", "a=setup:actpass",
            "a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuvwx",
            "a=fingerprint:sha-256 \(Array(repeating: "AB", count: 32).joined(separator: ":"))", "",
        ].joined(separator: "\r\n")
    }
}

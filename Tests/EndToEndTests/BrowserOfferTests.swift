// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Offers that browsers make, or take answers to, and our page does not: the page's connection is replaced by another.
@Suite("A browser's offers", .serialized, .timeLimit(.minutes(1)))
struct BrowserOfferTests {
    struct Kind: CustomTestStringConvertible {
        let name: String
        /// What is added to the connection.
        var parts = audioAndVideo
        /// What goes over the socket, of what the browser wrote.
        var sent = "sdp"
        /// What holds of the answer that the browser took.
        var condition = "/a=inactive[^]*a=recvonly/.test(sdp)"

        var testDescription: String { name }

        static let mainProfile = Kind(
            name: "an H264 profile that is not the usual one",
            parts: """
                \(video).setCodecPreferences(RTCRtpSender.getCapabilities("video").codecs.filter(
                  ({ sdpFmtpLine }) => /packetization-mode=1.*4d001f/.test(sdpFmtpLine)))
                """,
            condition: #"sdp.includes("profile-level-id=4d001f")"#)
        static let twoPasswords = Kind(
            name: "two passwords in a bundle", sent: #"sdp.replace(/(m=video[^]*a=ice-pwd:)/, "$1another")"#)
        static let all = [
            Kind(
                name: "a video that is only received, before the one that is sent",
                parts: #"peer.addTransceiver("video", { direction: "recvonly" }); \#(video)"#),
            Kind(
                name: "a video that rests, before the one that is sent",
                parts: #"peer.addTransceiver("video", { direction: "inactive" }); \#(video)"#),
            Kind(
                name: "sound with port 0",
                sent: #"sdp.replace("m=audio 9", "m=audio 0").replace("BUNDLE 0 1", "BUNDLE 1")"#,
                condition: #"sdp.includes("m=audio 0 ")"#),
            Kind(
                name: "a=setup for the whole session",
                sent: #"sdp.replaceAll("a=setup:actpass\r\n", "").replace("m=", "a=setup:actpass\r\nm=")"#),
            Kind(
                name: "one video without a mid", parts: video,
                sent: #"sdp.replace("a=mid:0\r\n", "").replace("a=group:BUNDLE 0\r\n", "")"#,
                condition: #"!sdp.includes("a=group")"#),
            Kind(
                name: "RTP/SAVPF", sent: #"sdp.replaceAll("UDP/TLS/RTP", "RTP")"#,
                condition: #"/m=video \d+ RTP\/SAVPF/.test(sdp) && !sdp.includes("UDP/TLS/RTP")"#),
            Kind(
                name: "a limit", sent: #"sdp.replace(/(m=video.*\r\nc=.*\r\n)/, "$1b=AS:2000\r\n")"#,
                condition: #"sdp.includes("b=AS:2000\r\n")"#),
            mainProfile, twoPasswords,
        ]
    }

    @Test(arguments: Kind.all)
    func `are answered so that it takes the answer, and frames come`(kind: Kind) async throws {
        let receiver = try await ReceiverProcess()
        let phone = try await page(of: receiver)
        let _: Bool = try await phone.evaluate(offering(kind.parts, sending: kind.sent))
        try await receiver.reachFrame()
        let answer: String = try await phone.evaluate("peer.currentRemoteDescription.sdp")
        let holds: Bool = try await phone.evaluate("((sdp) => \(kind.condition))(peer.currentRemoteDescription.sdp)")
        #expect(holds, "\(answer)")
        let refusals: [String] = try await phone.evaluate("refusals")
        #expect(refusals == [])
    }

    @Test func `the profile that it sends is the one that it offered`() async throws {
        let receiver = try await ReceiverProcess()
        let phone = try await page(of: receiver)
        let _: Bool = try await phone.evaluate(offering(Kind.mainProfile.parts))
        try await receiver.reachFrame()
        let format: String = try await phone.evaluate(
            "peer.getStats().then((all) => [...all.values()].find(({ type }) => type === 'codec').sdpFmtpLine)")
        #expect(format.contains("profile-level-id=4d001f"))
    }

    @Test(arguments: [
        // The camera rests, and goes on.
        [
            #"peer.getTransceivers()[1].direction = "inactive""#,
            #"peer.getTransceivers()[1].direction = "sendonly""#,
        ],
        // The sound is stopped for good.
        ["peer.getTransceivers()[0].stop()"],
        // Another video takes over.
        [
            #"peer.getTransceivers()[1].direction = "recvonly"; peer.addTransceiver(camera.getVideoTracks()[0].clone(), { direction: "sendonly" })"#
        ],
        // Another video, in the place of one that was stopped.
        [
            #"peer.getTransceivers()[1].stop(); peer.addTransceiver(camera.getVideoTracks()[0].clone(), { direction: "sendonly" })"#
        ],
    ])
    func `what changes on a live connection is answered over it, and frames go on`(changes: [String]) async throws {
        let receiver = try await ReceiverProcess()
        let phone = try await page(of: receiver)
        let _: Bool = try await phone.evaluate(
            offering(
                audioAndVideo + #"; peer.createDataChannel("keepalive")"#))
        try await receiver.reachFrame()
        for change in changes {
            let _: Bool = try await phone.evaluate(offeringAgain(after: change))
            try await phone.until("(\(answered)) || refusals.length > 0")
        }
        let refusals: [String] = try await phone.evaluate("refusals")
        #expect(refusals == [])
        for _ in 1...2 { try await receiver.reach("frames", of: "default") }
        #expect(receiver.log.filter { $0.event == "answer_sent" }.count >= 2 + changes.count)
        #expect(receiver.errors == [])
    }

    @Test func `a video that rests at first is received once it is sent`() async throws {
        let receiver = try await ReceiverProcess()
        let phone = try await page(of: receiver)
        let _: Bool = try await phone.evaluate(
            offering(#"peer.addTransceiver(video, { direction: "inactive" })"#))
        try await phone.until(#"peer.connectionState === "connected""#)
        let _: Bool = try await phone.evaluate(
            offeringAgain(after: #"peer.getTransceivers()[0].direction = "sendonly""#))
        try await receiver.reach("frames", of: "default")
        #expect(receiver.errors == [])
    }

    @Test func `no password of an offer stands in the log, however wrong it is`() async throws {
        let receiver = try await ReceiverProcess("--log-level", "debug")
        let phone = try await page(of: receiver)
        let _: Bool = try await phone.evaluate(offering(Kind.twoPasswords.parts, sending: Kind.twoPasswords.sent))
        try await receiver.reachFrame()
        let offered: [String] = try await phone.evaluate(
            "[...peer.localDescription.sdp.matchAll(/a=ice-pwd:(.*)/g)].map(([, it]) => it.trim())")
        #expect(!offered.isEmpty)
        for password in offered { #expect(!receiver.program.transcript.contains { $0.contains(password) }) }
    }

    /// Our page, live.
    private func page(of receiver: ReceiverProcess) async throws -> Chromium {
        let phone = try await Chromium(trusting: BrowserTests.certificate)
        try await phone.open("\(receiver.page)?\(BrowserTests.token)&audio=1")
        try await receiver.reachFrame()
        return phone
    }
}

/// Offers, with a fresh connection. The one before it stays open: its end would be news of its own.
private func offering(_ parts: String, sending sent: String = "sdp") -> String {
    """
    (async () => {
      globalThis.refusals = [];
      addEventListener("unhandledrejection", ({ reason }) => refusals.push(String(reason)));
      peer = new RTCPeerConnection();
      peer.onicecandidate = ({ candidate: it }) => it?.candidate && send({ type: "ice", candidate: it.toJSON() });
      const [video] = camera.getVideoTracks();
      const [audio] = camera.getAudioTracks();
      \(parts);
      await peer.setLocalDescription();
      const sdp = peer.localDescription.sdp;
      send({ type: "offer", sdp: \(sent) });
      return true;
    })()
    """
}

/// Offers once more, after a change.
private func offeringAgain(after change: String) -> String {
    """
    (async () => {
      \(change);
      await peer.setLocalDescription();
      send({ type: "offer", sdp: peer.localDescription.sdp });
      return true;
    })()
    """
}

private let video = #"peer.addTransceiver(video, { direction: "sendonly" })"#
private let audioAndVideo = #"peer.addTransceiver(audio, { direction: "sendonly" }); \#(video)"#
private let answered = #"peer.signalingState === "stable" && peer.currentRemoteDescription"#

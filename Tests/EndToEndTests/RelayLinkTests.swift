// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainLoop
import RelayClient
import Signaling
import Sockets
import Testing
import Timing

/// Our own end of a relay's socket, against the first generation's relay and ours.
@Suite("A link to a relay", .timeLimit(.minutes(1)))
struct RelayLinkTests {
    /// The first generation's relay, a camera at it, and the relay's port.
    private static func oldRelay() async throws -> (relay: Program, camera: Program, port: String) {
        let relay = try Program.node("old-relay.js", "--port", "0", "--http-port", "0")
        let port = try #require(
            await relay.line()?.split(separator: ":")[1].split(separator: ",").first.map(String.init))
        let camera = try Program.python("peer.py", "ws://127.0.0.1:\(port)/camera")
        try await camera.line(with: "open")
        return (relay, camera, port)
    }

    @Test @MainLoop
    func `the first generation's relay carries every row of the table for its camera and our link`() async throws {
        let (relay, camera, port) = try await RelayLinkTests.oldRelay()
        let viewer = LinkedPeer(port, "/viewer")
        await viewer.wait(for: .up)
        let browser = try Program.python("peer.py", "ws://127.0.0.1:\(port)/viewer")
        try await browser.line(with: "open")
        // Ours has no use for pictures but to know that they come, and others see them.
        try camera.tell(#"{"binary": 1000}"#)
        try camera.tell(#"{"binary": 1001}"#)
        #expect(try await browser.line(with: "binary").contains(#""length": 1001"#))
        await viewer.wait(for: .binary)
        try await MessageTable.play(
            camera: .init(camera),
            viewer: .init(say: { viewer.link.send($0) }, hear: { await viewer.text() }))
        withExtendedLifetime(relay) {}
    }

    @Test @MainLoop
    func `our viewer and a first-generation camera agree over its relay, and anew when asked`() async throws {
        let (relay, program, port) = try await RelayLinkTests.oldRelay()
        let camera = MessageTable.Party(program)
        // Its hello is dropped: the first that the camera hears is an answer.
        let viewer = await OurViewer(port)
        try await relay.line(with: "Viewer connected")
        try await camera.say(#"{"type":"status","status":"interrupted"}"#)
        #expect(try await viewer.step() == .tell(.paused))
        try await camera.say(#"{"type":"status","status":"recording"}"#)
        #expect(try await viewer.step() == .tell(.resumed))
        for session in 1...2 {
            try await camera.say(#"{"type":"offer","sdp":"\#(offer(session))"}"#)
            guard case .act(.createAnswer(session, _))? = try await viewer.step() else {
                Issue.record("no answer is wanted")
                return
            }
            #expect(try await viewer.step() == .tell(.offered))
            viewer.handle(.answerReady(session: session, sdp: "v=0"))
            viewer.handle(.candidateFound(session: session, candidate: "candidate:1", section: 0))
            #expect(try await camera.hear() == #"{"sdp":"v=0","type":"answer"}"#)
            let candidate = #"{"candidate":"candidate:1","sdpMLineIndex":0,"sdpMid":"0"}"#
            #expect(try await camera.hear() == #"{"candidate":\#(candidate),"type":"ice"}"#)
            for place in [#""sdpMLineIndex":0,"sdpMid":"0""#, #""sdpMLineIndex":0"#, #""sdpMid":"0""#] {
                let text = "candidate:1 1 udp 1 10.0.0.1 9 typ host"
                try await camera.say(#"{"type":"ice","candidate":{"candidate":"\#(text)",\#(place)}}"#)
                try await camera.say(#"{"type":"ice","candidate":null}"#)
                try await camera.say(#"{"type":"ice","candidate":"\#(text)",\#(place)}"#)
                for _ in 1...2 {
                    let added = try await viewer.step()
                    #expect(added == .act(.addCandidate(session: session, try ICECandidate(parsing: text), section: 0)))
                }
            }
            viewer.request()
            #expect(try await camera.hear() == #"{"command":"reconnect"}"#)
        }
    }

    /// The smallest that can be answered, as JSON has it.
    private func offer(_ session: Int) -> String {
        [
            "v=0", "o=- \(session) 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "m=video 9 UDP/TLS/RTP/SAVPF 96",
            "c=IN IP4 0.0.0.0", "a=mid:0", "a=rtpmap:96 VP8/90000", "a=sendonly", "a=rtcp-mux", "a=setup:actpass",
            "a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuvwx",
            "a=fingerprint:sha-256 \(Array(repeating: "AB", count: 32).joined(separator: ":"))",
        ].map { $0 + #"\r\n"# }.joined()
    }

    @Test @MainLoop func `a stopped link does not dial again`() async throws {
        let relay = try await RelayProcess()
        let peer = LinkedPeer(relay.webSocketPort, "/camera?token=\(RelayProcess.token)")
        await peer.wait(for: .up)
        peer.link.stop()
        try await relay.program.line(with: "Camera disconnected")
    }
}

/// Each takes more than 10 s: only after so much work do the waits begin anew.
private let restarts = ProcessInfo.processInfo.environment["TEST_RESTARTS"].flatMap { Int($0) } ?? 3

@Suite("A relay that comes and goes", .timeLimit(.minutes(restarts / 4 + 1)))
struct RelayRestartTests {
    @Test @MainLoop
    func `camera and viewer are back within 2 s each time the relay is killed and started`() async throws {
        var relay = try await RelayProcess()
        let port = relay.webSocketPort
        let camera = LinkedPeer(port, "/camera?token=\(RelayProcess.token)")
        let viewer = LinkedPeer(port, "/viewer?token=\(RelayProcess.token)")
        try await meet(camera, viewer, "0")
        for round in 1...restarts {
            await work(for: RelayLinkCore.steadyAfter)
            relay.program.signal(9)
            await camera.wait(for: .down)
            await viewer.wait(for: .down)
            relay = try await RelayProcess(port: port)
            let returned = MainLoop.now
            try await meet(camera, viewer, "\(round)")
            let wait = returned.duration(to: MainLoop.now)
            print("restart \(round): both are back after \(wait)")
            #expect(wait <= .seconds(2))
        }
    }

    /// Both are in, and an offer goes through.
    @MainLoop
    private func meet(_ camera: LinkedPeer, _ viewer: LinkedPeer, _ offer: String) async throws {
        await camera.wait(for: .up)
        await viewer.wait(for: .up)
        // Both are known to the relay before the camera speaks.
        viewer.link.send(#"{"type":"hello","session":"s"}"#)
        await viewer.wait(for: .received(#"{"camera_present":true,"role":"holder","type":"viewer_role"}"#))
        camera.link.send(#"{"type":"offer","sdp":"\#(offer)"}"#)
        await viewer.wait(for: .received(#"{"type":"offer","sdp":"\#(offer)"}"#))
    }

    @MainLoop
    private func work(for time: Duration) async {
        await withCheckedContinuation { continuation in
            var deadline: Deadline?
            deadline = Deadline {
                deadline = nil
                continuation.resume()
            }
            deadline?.arm(at: MainLoop.now + time)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// `framewatch camera`, which is a phone to everybody.
@Suite("A camera of our own", .serialized, .timeLimit(.minutes(2)))
struct CameraTests {
    @Test func `with VP8 and sound its frames are back, too, time and again`() async throws {
        let receiver = try await ReceiverProcess()
        let camera = try Program.camera(at: receiver.url, "--codec", "vp8", "--audio", "--zombie-after", "3")
        try await receiver.reach("frames", of: "default")
        for _ in 1...2 {
            try await camera.line(with: "🧟")
            try await receiver.reachDeath()
            try await receiver.reachRecovery()
        }
        #expect(!camera.transcript.contains { $0.contains("ICE state: failed") })
    }

    @Test func `aiortc as it comes receives its frames`() async throws {
        let relay = try await RelayProcess()
        let viewer = try await Program.aiortcViewer(joining: relay.url)
        let camera = try Program.camera(at: relay.url, "--codec", "vp8")
        try await camera.line(with: "Sending frames")
        try await viewer.line(with: #""event": "frames""#)
    }

    @Test func `what a stranger answers is refused, and the next viewer has frames`() async throws {
        let relay = try await RelayProcess()
        let camera = try Program.camera(at: relay.url, "--log-level", "debug")
        try await camera.line(with: "Sent offer")
        let stranger = try Program.python("peer.py", "\(relay.url)/viewer", "--token", RelayProcess.token)
        try await stranger.line(with: "open")
        for line in [#""type": "answer", "sdp": "garbage""#, #""type": "answer", "sdp": "v=0\r\n""#] {
            try stranger.tell(#"{"send": {"type": "reconnect_request", "reason": "test"}}"#)
            try await stranger.line(with: "offer")
            try stranger.tell(#"{"send": {"type": "ice", "candidate": "candidate:1 1 udp 1 a.local 1 typ host"}}"#)
            try stranger.tell("{\"send\": {\(line)}}")
            try await camera.line(with: "Dropped a candidate")
            try await camera.line(with: "Refused answer")
        }
        try stranger.tell(#"{"close": 1000}"#)
        let receiver = try await ReceiverProcess(joining: relay.url)
        try await receiver.reachFrame()
        try await receiver.reach("frames", of: "default")
    }

    @Test func `it dials again until its relay is there and takes its token`() async throws {
        var relay = try await RelayProcess(token: "another-token")
        let camera = try Program.camera(at: relay.url)
        try await camera.line(with: "the server answered 401 Unauthorized: it wants another token")
        relay.program.signal(SIGKILL)
        try await camera.line(with: "Connection refused")
        relay = try await RelayProcess(port: relay.webSocketPort)
        try await camera.line(with: "Joined relay \(relay.url)")
        try await camera.line(with: "Sent offer")
    }

    @Test(arguments: ["started", "No relay", "Sent offer", "Sending frames", "Sent frame"])
    func `SIGTERM ends it at any time`(line: String) async throws {
        let receiver = try await ReceiverProcess()
        let camera = try Program.camera(at: line == "No relay" ? "ws://127.0.0.1:1" : receiver.url)
        try await camera.line(with: line)
        camera.signal(SIGTERM)
        #expect(await camera.end() == 0)
        #expect(camera.transcript.contains { $0.contains("Stopping on SIGTERM") })
    }

    @Test func `its death is one without a word`() async throws {
        let receiver = try await ReceiverProcess()
        let camera = try Program.camera(at: receiver.url, "--die-after", "3")
        try await receiver.reach("frames", of: "default")
        #expect(await camera.end() == 1)
        #expect(camera.transcript.last?.contains("Dying") == true)
        try await receiver.reach("camera_disconnected", of: "default")
    }

    @Test func `a clip that cannot be played ends it with 69 and one line`() async throws {
        let camera = try Program.camera(
            at: "ws://127.0.0.1:1", "--file", "/nowhere/clip.mp4", "--log-level", "error")
        #expect(await camera.end() == 69)
        #expect(camera.transcript == ["framewatch: cannot play /nowhere/clip.mp4: Resource not found."])
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationNetworking
import Testing

/// What else comes to a relay where there was to be one phone and one receiver.
@Suite("A relay with more than one phone and one receiver", .timeLimit(.minutes(1)))
struct SharedCameraTests {
    private func peer(_ role: String, at relay: RelayProcess) async throws -> Program {
        let peer = try Program.python("peer.py", "\(relay.url)/\(role)", "--token", RelayProcess.token)
        try await peer.line(with: "open")
        return peer
    }

    @Test
    func `who feeds pictures does not take the phone's place: the viewer sees them, the phone is asked`() async throws {
        let relay = try await RelayProcess()
        let phone = try Program.python("ten-line-camera.py", "\(relay.url)/camera?token=\(RelayProcess.token)")
        try await relay.program.line(with: "📡 WebRTC signaling from camera: offer")
        let viewer = try await peer("viewer", at: relay)
        let feeder = try await peer("camera", at: relay)
        try feeder.tell(#"{"binary": 2000}"#)
        try await viewer.line(with: #""length": 2000"#)
        for command in ["reconnect", "start"] {
            try viewer.tell(#"{"send": {"command": "\#(command)"}}"#)
            #expect(try await phone.line(with: "command") == #"{"command":"\#(command)"}"#)
        }
        try feeder.tell(#"{"close": 1000}"#)
        try await feeder.line(with: "closed")
        #expect(!feeder.transcript.contains { $0.contains("command") })
        #expect(!relay.program.transcript.contains { $0.contains("displaced") })
    }

    @Test
    func `a phone displaced by another of its name is told so, by log and HTTP, too, and when to go on`() async throws {
        let relay = try await RelayProcess()
        let first = try await peer("camera/door", at: relay)
        try first.tell(#"{"send": {"type": "status", "status": "recording"}}"#)
        let second = try await peer("camera/door", at: relay)
        try second.tell(#"{"send": {"type": "offer", "sdp": "v=0"}}"#)
        try await first.line(with: #"{\"command\":\"displaced\"}"#)
        try await relay.program.line(with: "📱 Camera displaced: ")
        let status = "http://127.0.0.1:\(relay.httpPort)/status?token=\(RelayProcess.token)"
        try await Program.python("fetch.py", status).line(with: #""displaced":["door"]"#)
        try second.tell(#"{"close": 1000}"#)
        try await first.line(with: #"{\"command\":\"reconnect\"}"#)
        try await Program.python("fetch.py", status).line(with: #""displaced":[]"#)
    }

    @Test
    func `a viewer that came first and never answers leaves the conversation to the receiver after it`() async throws {
        let relay = try await RelayProcess()
        let viewer = try await peer("viewer", at: relay)
        let receiver = try await ReceiverProcess(joining: relay.url)
        let camera = try Program.camera(at: relay.url)
        try await viewer.line(with: "offer")
        try await receiver.reachFrame()
        try await receiver.reach("frames", of: "default")
        try await relay.program.line(with: "does not answer: it is the next one's turn")
        // Statuses are still for everybody.
        try viewer.tell(#"{"send": {"command": "start"}}"#)
        try await viewer.line(with: "recording")
        withExtendedLifetime(camera) {}
    }

    @Test func `an upload has no answer, with the token or without: to the app any would be a success`() async throws {
        let relay = try await RelayProcess()
        let place = "http://127.0.0.1:\(relay.httpPort)"
        for (path, size) in [("/upload", 100), ("/upload?token=\(RelayProcess.token)", 8_000_000), ("/upload", 0)] {
            var request = URLRequest(url: URL(string: place + path)!)
            request.httpMethod = "POST"
            request.httpBody = Data(count: size)
            request.setValue("multipart/form-data; boundary=b", forHTTPHeaderField: "Content-Type")
            await #expect(throws: URLError.self) { try await URLSession.shared.data(for: request) }
        }
        try await Program.python("fetch.py", "\(place)/metrics?token=\(RelayProcess.token)")
            .line(with: #"refused_total{reason="upload"} 3"#)
        relay.program.signal(SIGTERM)
        #expect(await relay.program.end() == 0)
        let uploads = relay.program.transcript.filter { $0.contains("Dropped an upload") }
        #expect(uploads.count == 3 && uploads.count { $0.contains("[WARNING]") } == 1, "\(uploads)")
        #expect(!relay.program.transcript.contains { $0.contains("401") })
    }

    @Test func `a token may stand in the path, and stays out of the log`() async throws {
        let relay = try await RelayProcess()
        let url = "\(relay.url)/t/\(RelayProcess.token)"
        let phone = try Program.python("peer.py", "\(url)/camera/door")
        try await phone.line(with: "open")
        let receiver = try Program.framewatch("run", "--relay", url, "--state-dir", RelayProcess.state)
        try await receiver.line(with: "Joined relay \(relay.url)/t/…")
        try await Program.python("peer.py", "\(relay.url)/t/another-token/camera").line(with: "401")
        try await relay.program.line(with: "401")
        for program in [relay.program, receiver] {
            #expect(!program.transcript.contains { $0.contains(RelayProcess.token) })
        }
    }
}

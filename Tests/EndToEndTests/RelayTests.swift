// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationNetworking
import Testing

/// Our relay as a process, and Python's websockets as cameras and viewers.
@Suite("The relay and the phones of the first generation", .timeLimit(.minutes(2)))
struct RelayTests {
    @Test func `every row of the message table, in its direction, and the log's own lines`() async throws {
        let relay = try await RelayProcess()
        let camera = try Program.python("peer.py", "\(relay.url)/camera", "--token", RelayProcess.token)
        try await camera.line(with: "open")
        let viewer = try Program.python("peer.py", "\(relay.url)/viewer", "--token", RelayProcess.token)
        try await viewer.line(with: "open")
        try await MessageTable.play(camera: .init(camera), viewer: .init(viewer))
        try camera.tell(#"{"binary": 1000}"#)
        try camera.tell(#"{"binary": 1001}"#)
        #expect(try await viewer.line(with: "binary").contains(#""length": 1001"#))
        // {"type":"offer","sdp":"v=0"}
        try camera.tell(#"{"binary": "eyJ0eXBlIjoib2ZmZXIiLCJzZHAiOiJ2PTAifQ=="}"#)
        #expect(try await viewer.line(with: "text").contains(#"{\"type\":\"offer\",\"sdp\":\"v=0\"}"#))
        for line in [
            "📱 Camera connected: ", "👁️  Viewer connected: ", "📡 WebRTC signaling from camera: offer",
            "🔄 Reconnection requested from viewer: No frames for 10s", "📤 Sending reconnect command to camera (ID: ",
        ] { try await relay.program.line(with: line) }
    }

    @Test func `of several viewers one holds the conversation; when it leaves, the next does`() async throws {
        let relay = try await RelayProcess()
        let camera = try Program.python("peer.py", "\(relay.url)/camera/door", "--token", RelayProcess.token)
        try await camera.line(with: "open")
        let first = try Program.python("peer.py", "\(relay.url)/viewer/door", "--token", RelayProcess.token)
        try await first.line(with: "open")
        let second = try Program.python("peer.py", "\(relay.url)/viewer/door", "--token", RelayProcess.token)
        try await second.line(with: "open")
        try camera.tell(#"{"send": {"type": "offer", "sdp": "1"}}"#)
        try await first.line(with: "offer")
        try second.tell(#"{"send": {"type": "answer", "sdp": "from the second"}}"#)
        try first.tell(#"{"send": {"type": "answer", "sdp": "from the first"}}"#)
        #expect(try await camera.line(with: "text").contains("from the first"))
        try first.tell(#"{"close": 1000}"#)
        #expect(try await camera.line(with: "text").contains("reconnect"))
        try camera.tell(#"{"send": {"type": "offer", "sdp": "2"}}"#)
        try await second.line(with: "offer")
        try second.tell(#"{"send": {"type": "answer", "sdp": "from the second"}}"#)
        #expect(try await camera.line(with: "text").contains("from the second"))
    }

    @Test func `status and control by HTTP, with the token as query, header or cookie, and without it`() async throws {
        let relay = try await RelayProcess()
        let camera = try Program.python("peer.py", "\(relay.url)/camera", "--token", RelayProcess.token)
        try await camera.line(with: "open")
        func ask(_ method: String, _ path: String, _ headers: [String: String] = [:]) async throws -> (Int, String) {
            var request = URLRequest(url: URL(string: "http://127.0.0.1:\(relay.httpPort)\(path)")!)
            request.httpMethod = method
            for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
            let (data, response) = try await URLSession.shared.data(for: request)
            return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
        }
        let (status, text) = try await ask("GET", "/status?token=\(RelayProcess.token)")
        #expect(
            status == 200 && text.hasPrefix(#"{"cameras":1,"viewers":0,"timestamp":"#)
                && text.hasSuffix(#","displaced":[]}"# + "\n"))
        #expect(try await ask("GET", "/status", ["Authorization": "Bearer \(RelayProcess.token)"]).0 == 200)
        #expect(try await ask("GET", "/status", ["Cookie": "a=b; framewatch_token=\(RelayProcess.token)"]).0 == 200)
        #expect(try await ask("GET", "/status").0 == 401)
        #expect(try await ask("GET", "/status?token=wrong-token").0 == 401)
        #expect(try await ask("GET", "/nowhere?token=\(RelayProcess.token)").0 == 404)
        #expect(try await ask("GET", "/control/start?token=\(RelayProcess.token)").0 == 405)
        for command in ["start", "stop", "reconnect"] {
            #expect(try await ask("POST", "/control/\(command)?token=\(RelayProcess.token)").0 == 200)
            #expect(try await camera.line(with: "text").contains(command))
        }
        #expect(try await ask("POST", "/control/stop?camera=no%20name&token=\(RelayProcess.token)").0 == 404)
        let nobody = try await ask("POST", "/control/stop?camera=door&token=\(RelayProcess.token)")
        #expect(nobody == (200, #"{"command":"stop","cameras":0}"# + "\n"))
        let (_, metrics) = try await ask("GET", "/metrics?token=\(RelayProcess.token)")
        #expect(metrics.contains(#"framewatch_relay_connections_refused_total{reason="wrong_token"} 2.0"#))
    }

    @Test
    func `whatever strangers send, a well-behaved pair, memory, descriptors and threads stay the same`() async throws {
        let relay = try await RelayProcess()
        let pair = try Program.python("pair.py", relay.url, "--token", RelayProcess.token)
        try await pair.line(with: "ready")
        // Once before measuring: what a first time allocates stays.
        for round in 1...2 {
            let before = relay.footprint
            try await suffer(
                relay, at: relay.url, "http://127.0.0.1:\(relay.httpPort)", "--seed", "\(round)", "--without",
                round == 1 ? "slow,drowned" : "drowned")
            guard round == 2 else { continue }
            let after = relay.footprint
            #expect(after.descriptors <= before.descriptors)
            #expect(after.threads <= before.threads)
            #expect(after.kilobytes <= before.kilobytes + 4096, "from \(before.kilobytes) kB")
        }
        try pair.tell("enough")
        #expect(await pair.end() == 0, "\(pair.transcript)")
        print("the well-behaved pair: \(pair.transcript.last ?? "")")
    }

    @Test
    func `over TLS, too, strangers do a well-behaved pair no harm, and leave no descriptor behind`() async throws {
        let relay = try await RelayProcess()
        let pair = try Program.python("pair.py", relay.url, "--token", RelayProcess.token)
        try await pair.line(with: "ready")
        let place = "127.0.0.1:\(relay.httpsPort)"
        try await suffer(
            relay, at: "wss://\(place)", "https://\(place)", "--only",
            "drowned,crowd,half-open,late,unread,deaf,frames,http,ghosts")
        try pair.tell("enough")
        #expect(await pair.end() == 0, "\(pair.transcript)")
    }

    private func suffer(_ relay: RelayProcess, at url: String, _ http: String, _ flags: String...) async throws {
        let hostile = try Program.python(
            "hostile.py",
            [
                "--url", url, "--http", http, "--token", RelayProcess.token, "--pid",
                "\(relay.program.process.processIdentifier)",
            ] + flags)
        let status = await hostile.end()
        #expect(status == 0, "\(hostile.transcript.suffix(20).joined(separator: "\n"))")
        print(hostile.transcript.last ?? "")
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationNetworking
import Testing

/// Our relay as a process, and Python's websockets as cameras and viewers.
@Suite("The relay and the phones of the first generation", .timeLimit(.minutes(2)))
struct RelayTests {
    /// What one side says, and what the other hears.
    struct Row: CustomTestStringConvertible {
        let from: String
        let says: String
        let hears: String
        var testDescription: String { "\(from): \(says)" }
    }

    static let candidate = #"{"candidate":"candidate:1 1 udp 1 10.0.0.1 9 typ host","sdpMLineIndex":0,"sdpMid":"0"}"#
    static let rows = [
        Row(
            from: "camera", says: #"{"type":"offer","sdp":"v=0 \u00e4"}"#,
            hears: #"{"type":"offer","sdp":"v=0 \u00e4"}"#),
        Row(from: "viewer", says: #"{"sdp":"v=0","type":"answer"}"#, hears: #"{"sdp":"v=0","type":"answer"}"#),
        Row(
            from: "camera", says: #"{"type":"ice","candidate":\#(candidate)}"#,
            hears: #"{"type":"ice","candidate":\#(candidate)}"#),
        Row(
            from: "viewer", says: #"{"type":"ice","candidate":\#(candidate)}"#,
            hears: #"{"type":"ice","candidate":\#(candidate)}"#),
        Row(
            from: "camera",
            says: #"{"type":"ice","candidate":"candidate:1 1 udp 1 10.0.0.1 9 typ host","sdpMLineIndex":0}"#,
            hears: #"{"type":"ice","candidate":"candidate:1 1 udp 1 10.0.0.1 9 typ host","sdpMLineIndex":0}"#),
        Row(from: "camera", says: #"{"type":"ice","candidate":null}"#, hears: #"{"type":"ice","candidate":null}"#),
        Row(from: "camera", says: #"{"type":"ice","candidate":""}"#, hears: #"{"type":"ice","candidate":""}"#),
        Row(
            from: "camera", says: #"{"type":"status","status":"waiting"}"#,
            hears: #""status":"waiting","type":"camera_status""#),
        Row(
            from: "viewer", says: #"{"type":"reconnect_request","reason":"No frames for 10s"}"#,
            hears: #"{"command":"reconnect"}"#),
        Row(from: "viewer", says: #"{"command":"start","more":1}"#, hears: #"{"command":"start"}"#),
        Row(from: "viewer", says: #"{"command":"stop"}"#, hears: #"{"command":"stop"}"#),
        Row(from: "viewer", says: #"{"command":"torch"}"#, hears: #"{"command":"torch"}"#),
    ]

    @Test("every row of the message table, in its direction, and the log's own lines")
    func messageTable() async throws {
        let relay = try await RelayProcess()
        let camera = try Program.python("peer.py", "\(relay.url)/camera", "--token", RelayProcess.token)
        try await camera.line(with: "open")
        let viewer = try Program.python("peer.py", "\(relay.url)/viewer", "--token", RelayProcess.token)
        try await viewer.line(with: "open")
        for row in RelayTests.rows {
            let (speaker, listener) = row.from == "camera" ? (camera, viewer) : (viewer, camera)
            try speaker.tell(RelayTests.json(["text": row.says]))
            let heard = try await listener.line(with: #""event": "text""#)
            #expect(RelayTests.text(in: heard)?.contains(row.hears) == true, "\(row.says) became \(heard)")
        }
        try camera.tell(#"{"binary": 1000}"#)
        try camera.tell(#"{"binary": 1001}"#)
        #expect(try await viewer.line(with: "binary").contains(#""length": 1001"#))
        for line in [
            "📱 Camera connected: ", "👁️  Viewer connected: ", "📡 WebRTC signaling from camera: offer",
            "🔄 Reconnection requested from viewer: No frames for 10s", "📤 Sending reconnect command to camera (ID: ",
        ] { try await relay.program.line(with: line) }
    }

    @Test("of several viewers one holds the conversation; when it leaves, the next does")
    func severalViewers() async throws {
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

    @Test("status and control by HTTP, with the token as query, header or cookie, and without it")
    func http() async throws {
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
        #expect(status == 200 && text.hasPrefix(#"{"cameras":1,"viewers":0,"timestamp":"#) && text.hasSuffix("}\n"))
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
        let (_, metrics) = try await ask("GET", "/metrics?token=\(RelayProcess.token)")
        #expect(metrics.contains(#"framewatch_relay_connections_refused_total{reason="wrong_token"} 2.0"#))
    }

    @Test("all that strangers can send leaves a well-behaved pair, memory, descriptors and threads as they were")
    func hostility() async throws {
        let relay = try await RelayProcess()
        let pair = try Program.python("pair.py", relay.url, "--token", RelayProcess.token)
        try await pair.line(with: "ready")
        // Once before measuring: what a first time allocates stays.
        for round in 1...2 {
            let before = relay.footprint
            let hostile = try Program.python(
                "hostile.py", "--url", relay.url, "--http", "http://127.0.0.1:\(relay.httpPort)", "--token",
                RelayProcess.token, "--seed", "\(round)", "--without", round == 1 ? "slow" : "")
            let status = await hostile.end()
            #expect(status == 0, "\(hostile.transcript.suffix(20).joined(separator: "\n"))")
            print(hostile.transcript.last ?? "")
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

    static func json(_ value: [String: String]) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    static func text(in line: String) -> String? {
        (try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["text"] as? String
    }
}

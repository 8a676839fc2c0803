// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// How the service starts, ends and speaks TLS.
@Suite("The service as a process", .timeLimit(.minutes(1)))
struct ServiceTests {
    @Test(arguments: [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")])
    func `SIGTERM and SIGINT end it with status 0 and a last line`(number: Int32, name: String) async throws {
        let program = try await RelayProcess().program
        program.signal(number)
        #expect(await program.end() == 0)
        #expect(program.transcript.last?.hasSuffix("[INFO] 👋 Stopping on \(name)") == true)
    }

    @Test func `SIGTERM ends it while its certificate is being made, too`() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "framewatch-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let slow = directory.appending(path: "openssl").path
        try "#!/bin/sh\nkill -TERM $PPID\nwhile kill -0 $PPID; do sleep 0.1; done\n"
            .write(toFile: slow, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: slow)
        let program = try Program.framewatch(
            "relay", "--bind", "127.0.0.1", "--ws-port", "0", "--http-port", "0", "--https-port", "0", "--state-dir",
            directory.path, environment: ["PATH": "\(directory.path):/usr/bin:/bin"])
        #expect(await program.end() == 0)
        #expect(
            program.transcript.map { $0.drop { $0 != "[" } } == [
                "[INFO] 🚀 framewatch 0.1.0 started", "[INFO] 👋 Stopping on SIGTERM",
            ])
    }

    @Test
    func `a terminal is shown the camera page's address with its token and as a code, a log is not`() async throws {
        let relay = try await RelayProcess()
        let page = "https://127.0.0.1:\(relay.httpsPort)/camera"
        try await relay.program.line(with: "📱 Camera page: \(page); its token is the configured one")
        #expect(!relay.program.transcript.joined().contains(RelayProcess.token))
        let shown = try Program.framewatch(
            onTerminal: "relay", "--bind", "127.0.0.1", "--ws-port", "0", "--http-port", "0", "--https-port", "0",
            "--token", RelayProcess.token, "--state-dir", RelayProcess.state)
        try await shown.line(with: "/camera?token=\(RelayProcess.token)")
        try await shown.line(with: "▀▀▀▀▀█")
    }

    @Test func `a port in use ends it with 69 and one line`() async throws {
        let first = try await RelayProcess()
        let second = try Program.framewatch(
            "relay", "--bind", "127.0.0.1", "--ws-port", first.webSocketPort, "--http-port", "0", "--https-port", "0",
            "--token", RelayProcess.token, "--state-dir", RelayProcess.state, "--log-level", "error")
        #expect(await second.end() == 69)
        let line = "framewatch: cannot listen on 127.0.0.1:\(first.webSocketPort) (ws-port): "
        #expect(second.transcript.count == 1 && second.transcript[0].hasPrefix(line), "\(second.transcript)")
    }

    @Test func `a receiver that joined a relay can be scraped, and relays nothing itself`() async throws {
        let relay = try await RelayProcess()
        let receiver = try Program.framewatch(
            "run", "--relay", relay.url, "--metrics-port", "0", "--bind", "127.0.0.1", "--token", RelayProcess.token,
            "--state-dir", RelayProcess.state)
        let place = try #require(try await receiver.line(with: "http://").split(separator: "//").last)
        func fetch(_ path: String) throws -> Program {
            try Program.python("fetch.py", "http://\(place)\(path)?token=\(RelayProcess.token)")
        }
        try await fetch("/metrics").line(with: #"framewatch_frames_total{camera="default"} 0"#)
        #expect(try await fetch("/camera").end() != 0)
        let camera = try Program.python("peer.py", "ws://\(place)/camera", "--token", RelayProcess.token)
        try await camera.line(with: "404")
    }

    @Test func `pages and WebSockets come over TLS, with the certificate of the first run`() async throws {
        let relay = try await RelayProcess()
        let place = "127.0.0.1:\(relay.httpsPort)"
        let camera = try Program.python("peer.py", "wss://\(place)/camera", "--token", RelayProcess.token)
        try await camera.line(with: "open")
        let viewer = try Program.python("peer.py", "wss://\(place)/viewer", "--token", RelayProcess.token)
        try await viewer.line(with: "open")
        try camera.tell(#"{"send": {"type": "offer", "sdp": "over TLS"}}"#)
        #expect(try await viewer.line(with: "text").contains("over TLS"))
        let status = try Program.python("fetch.py", "https://\(place)/status?token=\(RelayProcess.token)")
        #expect(try await status.line(with: "{").hasPrefix(#"{"cameras":1,"viewers":1,"#))
        #expect(await status.end() == 0)
    }
}

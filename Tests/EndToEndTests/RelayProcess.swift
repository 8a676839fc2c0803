// SPDX-License-Identifier: Apache-2.0

import Foundation

/// `framewatch relay` as a process of its own, on ports that were free.
struct RelayProcess {
    static let token = "a-token-for-tests"
    static let state = FileManager.default.temporaryDirectory.appending(path: "framewatch-tests").path

    let program: Program
    let webSocketPort: String
    let httpPort: String
    let httpsPort: String

    init(port: String = "0", token: String = token, _ flags: String...) async throws {
        program = try Program.framewatch(
            "relay", "--bind", "127.0.0.1", "--ws-port", port, "--http-port", "0", "--https-port", "0", "--token",
            token, "--state-dir", RelayProcess.state, "--log-level", "debug")
        webSocketPort = try await RelayProcess.port(in: program.line(with: "ws://"))
        httpPort = try await RelayProcess.port(in: program.line(with: "http://"))
        httpsPort = try await RelayProcess.port(in: program.line(with: "https://"))
    }

    private static func port(in line: String) -> String {
        String(line[line.index(after: line.lastIndex(of: ":") ?? line.startIndex)...])
    }

    var url: String { "ws://127.0.0.1:\(webSocketPort)" }

    /// Descriptors, threads and resident kilobytes.
    var footprint: (descriptors: Int, threads: Int, kilobytes: Int) {
        let process = "/proc/\(program.process.processIdentifier)"
        func count(_ name: String) -> Int {
            (try? FileManager.default.contentsOfDirectory(atPath: "\(process)/\(name)").count) ?? 0
        }
        let status = (try? String(contentsOfFile: "\(process)/status", encoding: .utf8)) ?? ""
        let resident = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (count("fd"), count("task"), Int(resident.filter(\.isNumber)) ?? 0)
    }
}

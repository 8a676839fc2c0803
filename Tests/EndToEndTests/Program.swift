// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A real process, whose lines are read as they come and which is gone when the test lets it go.
final class Program {
    let process = Process()
    private let input = Pipe()
    /// The byte that ends a line, in both directions.
    private let ending: UInt8
    /// It stands for as long as we do.
    private let place: Place?
    private var lines: AsyncStream<String>.AsyncIterator
    /// All that was read so far.
    private(set) var transcript: [String] = []

    private static let checkout = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Where the standard error goes.
    private enum Errors { case ours, amongTheLines }

    private init(
        _ words: [String], environment: [String: String] = [:], errors: Errors = .ours, in place: Place? = nil,
        ending: UInt8 = UInt8(ascii: "\n")
    ) throws {
        self.ending = ending
        let output = Pipe()
        self.place = place
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = (place?.entrance() ?? []) + words
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        if errors == .amongTheLines { process.standardError = output }
        lines = Program.lines(of: output.fileHandleForReading, ending: ending).makeAsyncIterator()
        try process.run()
    }

    deinit {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private static func lines(of file: FileHandle, ending: UInt8) -> AsyncStream<String> {
        AsyncStream { stream in
            // A readability handler misses a pipe's end now and then; a thread does not.
            Thread.detachNewThread {
                var rest = Data()
                while case let data = file.availableData, !data.isEmpty {
                    rest += data
                    while let end = rest.firstIndex(of: ending) {
                        stream.yield(String(decoding: rest[..<end], as: UTF8.self))
                        rest = Data(rest[(end + 1)...])
                    }
                }
                stream.finish()
            }
        }
    }

    /// The executable that was built beside the tests, with its complaints among its lines.
    static func framewatch(_ arguments: String..., environment: [String: String] = [:]) throws -> Program {
        try framewatch(arguments, environment: environment)
    }

    static func framewatch(
        _ arguments: [String], environment: [String: String] = [:], in place: Place? = nil
    ) throws -> Program {
        try Program([executable] + arguments, environment: environment, errors: .amongTheLines, in: place)
    }

    /// The same on a terminal.
    static func framewatch(onTerminal arguments: String...) throws -> Program {
        try tool(["script", "--quiet", "--command", ([executable] + arguments).joined(separator: " "), "/dev/null"])
    }

    private static var executable: String {
        let built = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
            .deletingLastPathComponent()
        return (built ?? checkout.appending(path: ".build/debug")).appending(path: "framewatch").path
    }

    static func python(_ script: String, _ arguments: String...) throws -> Program {
        try python(script, arguments)
    }

    static func python(_ script: String, _ arguments: [String]) throws -> Program {
        try Program(["/usr/bin/python3", "-u", standin(script)] + arguments)
    }

    /// A camera or viewer that does as it is told.
    static func peer(_ url: String, in place: Place) throws -> Program {
        try Program(
            ["/usr/bin/python3", "-u", standin("peer.py"), url, "--token", RelayProcess.token], in: place)
    }

    /// A camera of our own, with small pictures.
    static func camera(at relay: String, _ flags: String...) throws -> Program {
        try framewatch(
            [
                "camera", "--relay", relay, "--token", RelayProcess.token, "--state-dir", RelayProcess.state, "--size",
                "320x240",
            ] + flags)
    }

    /// A phone out of aiortc, with small pictures unless `flags` say otherwise.
    static func phone(
        _ camera: String = "default", at relay: String, in place: Place? = nil, _ flags: String...
    ) throws -> Program {
        let words = ["\(relay)/camera/\(camera)", "--token", RelayProcess.token, "--size", "320x240"]
        return try Program(aiortc("aiortc-camera.py") + words + flags, in: place)
    }

    /// A viewer out of aiortc, which has joined.
    static func aiortcViewer(joining relay: String) async throws -> Program {
        let words = ["--relay", relay, "--token", RelayProcess.token]
        let viewer = try Program(aiortc("first-generation.py") + words)
        try await viewer.line(with: "relay_joined")
        return viewer
    }

    private static func aiortc(_ script: String) -> [String] {
        [checkout.appending(path: "scripts/python").path, standin(script)]
    }

    static func node(_ script: String, _ arguments: String...) throws -> Program {
        try Program(["node", standin(script)] + arguments, environment: ["NODE_PATH": "/usr/share/nodejs"])
    }

    /// One of the system's, also of those that only root has on the path.
    static func tool(_ words: [String], in place: Place? = nil) throws -> Program {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return try Program(words, environment: ["PATH": "\(path):/usr/sbin:/sbin"], errors: .amongTheLines, in: place)
    }

    /// A browser that obeys what is written to it, in lines that end with a NUL, and ends when we do.
    static func chromium(_ flags: [String], in place: Place?) throws -> Program {
        // It reads from descriptor 3 and writes to 4.
        let command = #"exec chromium --remote-debugging-pipe "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#
        return try Program(["sh", "-c", command, "sh"] + flags, in: place, ending: 0)
    }

    private static func standin(_ script: String) -> String {
        checkout.appending(path: "Tests/Standins/\(script)").path
    }

    /// The next line; `nil` when there are no more.
    nonisolated(nonsending) func line() async -> String? {
        guard let line = await lines.next(isolation: #isolation) else { return nil }
        transcript.append(line)
        return line
    }

    /// Reads on to the line that `text` is part of.
    @discardableResult
    nonisolated(nonsending) func line(with text: String) async throws -> String {
        while let line = await line() {
            if line.contains(text) { return line }
        }
        throw Missing(text: text, transcript: transcript)
    }

    struct Missing: Error {
        let text: String
        let transcript: [String]
    }

    func tell(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data(line.utf8) + [ending])
    }

    /// Reads what is left, and says how it ended.
    func end() async -> Int32 {
        try? input.fileHandleForWriting.close()
        while await line() != nil {}
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Waits for its end, which must be a good one.
    func succeed() async throws {
        let status = await end()
        guard status == 0 else { throw Failure(status: status, transcript: transcript) }
    }

    struct Failure: Error {
        let status: Int32
        let transcript: [String]
    }

    func signal(_ number: Int32) {
        kill(process.processIdentifier, number)
    }

    /// Ends it and all that it started: each program leads a process group of its own.
    func endGroup() {
        kill(-process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A real process, whose lines are read as they come and which is gone when the test lets it go.
final class Program {
    let process = Process()
    private let input = Pipe()
    private var lines: AsyncStream<String>.AsyncIterator
    /// All that was read so far.
    private(set) var transcript: [String] = []

    private static let checkout = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Where the standard error goes.
    private enum Errors { case ours, amongTheLines }

    private init(
        _ executable: URL, _ arguments: [String], environment: [String: String] = [:], errors: Errors = .ours
    ) throws {
        let output = Pipe()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        if errors == .amongTheLines { process.standardError = output }
        lines = Program.lines(of: output.fileHandleForReading).makeAsyncIterator()
        try process.run()
    }

    deinit {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private static func lines(of file: FileHandle) -> AsyncStream<String> {
        AsyncStream { stream in
            // A readability handler misses a pipe's end now and then; a thread does not.
            Thread.detachNewThread {
                var rest = Data()
                while case let data = file.availableData, !data.isEmpty {
                    rest += data
                    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
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
        let built = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
            .deletingLastPathComponent()
        return try Program(
            (built ?? checkout.appending(path: ".build/debug")).appending(path: "framewatch"), arguments,
            environment: environment, errors: .amongTheLines)
    }

    static func python(_ script: String, _ arguments: String...) throws -> Program {
        let path = checkout.appending(path: "Tests/Standins/\(script)").path
        return try Program(URL(filePath: "/usr/bin/python3"), [path] + arguments)
    }

    static func node(_ script: String, _ arguments: String...) throws -> Program {
        let path = checkout.appending(path: "Tests/Standins/\(script)").path
        return try Program(
            URL(filePath: "/usr/bin/env"), ["node", path] + arguments, environment: ["NODE_PATH": "/usr/share/nodejs"])
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
        try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
    }

    /// Reads what is left, and says how it ended.
    func end() async -> Int32 {
        try? input.fileHandleForWriting.close()
        while await line() != nil {}
        process.waitUntilExit()
        return process.terminationStatus
    }

    func signal(_ number: Int32) {
        kill(process.processIdentifier, number)
    }
}

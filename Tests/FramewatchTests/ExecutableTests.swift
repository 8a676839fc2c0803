// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import framewatch

/// The built command, which lies beside the tests.
@Suite(.timeLimit(.minutes(1)))
struct ExecutableTests {
    struct Outcome: Equatable {
        let status: Int32
        let output: String
        let error: String
    }

    static func framewatch(_ words: [String], environment: [String: String] = ["HOME": "/nowhere"]) throws -> Outcome {
        try run(Bundle.main.bundleURL.appending(path: "framewatch").path, words, environment: environment)
    }

    static func run(
        _ executable: String, _ words: [String], environment: [String: String] = ["HOME": "/nowhere"]
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = words
        process.environment = environment
        let (output, error) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, error)
        try process.run()
        // Neither is ever long enough to fill a pipe.
        let texts = try [output, error].map {
            try String(decoding: $0.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        }
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: texts[0], error: texts[1])
    }

    @Test func `a wrong value ends in one line and 64`() throws {
        let line = "framewatch: flag --stall-after cannot be \"abc\"; it takes seconds from 0.1 to 3600\n"
        #expect(try Self.framewatch(["run", "--stall-after", "abc"]) == Outcome(status: 64, output: "", error: line))
    }

    @Test func `a wrong variable ends in one line and 64`() throws {
        let line =
            "framewatch: environment variable FRAMEWATCH_WS_PORT cannot be \"x\"; it takes a port from 0 to 65535\n"
        let outcome = try Self.framewatch(["relay"], environment: ["HOME": "/nowhere", "FRAMEWATCH_WS_PORT": "x"])
        #expect(outcome == Outcome(status: 64, output: "", error: line))
    }

    @Test func `help, version and configuration go to the standard output`() throws {
        #expect(try Self.framewatch(["--help"]) == Outcome(status: 0, output: Help.overview, error: ""))
        #expect(try Self.framewatch(["--version"]) == Outcome(status: 0, output: "framewatch 0.1.0\n", error: ""))
        let file = Outcome(status: 0, output: Help.annotatedFile, error: "")
        #expect(try Self.framewatch(["--print-config"]) == file)
    }

    @Test(arguments: [
        (["--help"], ">/dev/full"), (["--print-config"], ">/dev/full"),
        (["simulate", "--seeds", "1", "--hours", "1"], ">/dev/full"), (["--version"], ">&-"),
    ])
    func `an output that can't be written ends in one line and 74`(words: [String], redirection: String) throws {
        let executable = Bundle.main.bundleURL.appending(path: "framewatch").path
        let shell = ["-c", "exec \"$@\" \(redirection)", "sh", executable] + words
        let line = "framewatch: cannot write all of it to the standard output\n"
        #expect(try Self.run("/bin/sh", shell) == Outcome(status: 74, output: "", error: line))
    }

    @Test func `what is not there yet says so and ends in 69`() throws {
        let line = "framewatch: doctor comes with a later version\n"
        #expect(try Self.framewatch(["doctor"]) == Outcome(status: 69, output: "", error: line))
    }

    @Test(arguments: [
        ("/dev/zero", "it is longer than 1048576 bytes"), ("/", "Is a directory"), ("/nowhere/f.conf", "no such file"),
        ("/dev/null/f.conf", "no such file"),
    ])
    func `a file that is none ends in one line and 64`(path: String, why: String) throws {
        let line = "framewatch: cannot read \(path): \(why)\n"
        #expect(try Self.framewatch(["run", "--config", path]) == Outcome(status: 64, output: "", error: line))
    }

    @Test(arguments: [
        (Data([0xFF, 0xFE, 0x00]), "cannot read PATH: it is not UTF-8 text"),
        (Data([0x5B, 0x00]), "cannot read PATH: it is not text"),
        (Data("[framewatch]\nws-prt = 1\n".utf8), "PATH:2: unknown key \"ws-prt\"; did you mean ws-port?"),
    ])
    func `a file of garbage ends in one line and 64`(bytes: Data, line: String) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "framewatch-\(UUID().uuidString).conf")
        try bytes.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let line = "framewatch: " + line.replacing("PATH", with: file.path) + "\n"
        #expect(try Self.framewatch(["run", "--config", file.path]) == Outcome(status: 64, output: "", error: line))
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import framewatch

struct HelpTests {
    static func shown(_ words: String...) throws -> String {
        guard case .show(let text) = try Invocation(words: words, surroundings: Surroundings()) else {
            throw NotAllowed()
        }
        return text
    }

    @Test func `the version is one line`() throws {
        #expect(try Self.shown("--version") == "framewatch 0.1.0\n")
    }

    @Test func `the overview names every command`() throws {
        let text = try Self.shown("--help")
        for command in Command.allCases { #expect(text.contains("\n  \(command) ")) }
    }

    @Test(arguments: Command.allCases)
    func `help fits a terminal of 80 columns`(command: Command) throws {
        for text in [try Self.shown(command.rawValue, "--help"), Help.overview, Help.annotatedFile] {
            for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
            #expect(text.hasSuffix("\n"))
        }
    }

    @Test func `help names each flag, its default and what it means`() throws {
        let text = try Self.shown("run", "--help").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for setting in Configuration.runFlags.all {
            let standard = setting.standard.isEmpty ? "" : " [\(setting.standard)]"
            #expect(text.contains("--\(setting.key) \(setting.placeholder) \(setting.sentence)\(standard)"))
        }
    }

    @Test func `a flag for proofs is nowhere to be seen`() throws {
        #expect(try configuration("--never-ask", in: Surroundings()).camera.watchdog.maxAttempts == 0)
        for text in [try Self.shown("run", "--help"), Help.annotatedFile] { #expect(!text.contains("never-ask")) }
        #expect(throws: UsageError.self) { try configuration("--never-ask", "no", in: Surroundings()) }
        let file = Surroundings(files: ["/etc/framewatch.conf": "[framewatch]\nnever-ask = yes\n"])
        #expect(throws: UsageError.self) { try configuration(in: file) }
    }

    @Test func `a word for help is enough, wherever it stands`() throws {
        #expect(try Self.shown("run", "--nonsense", "-h") == Help.text(for: .run))
        #expect(try Self.shown("-h") == Help.overview)
        #expect(try Self.shown("help") == Help.overview)
        #expect(try Self.shown("help", "relay") == Help.text(for: .relay))
    }

    @Test func `the configuration file in the repository is the one that is printed`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let committed = try String(contentsOf: root.appending(path: "etc/framewatch.conf"), encoding: .utf8)
        #expect(try Self.shown("--print-config") == committed)
    }

    @Test func `the printed configuration changes nothing, with its comment signs and without them`() throws {
        let printed = Help.annotatedFile
        let setting = /^# ([a-z-]+ =.*|\[camera .*\])$/.anchorsMatchLineEndings()
        let bare = printed.replacing(setting) { $0.1 }
        // And an example of one camera's section, with one key.
        #expect(printed.matches(of: setting).count == Configuration.settings.keys.count + 2)
        for text in [printed, bare] {
            var result = try configuration("--config", "f", in: Surroundings(files: ["f": text]))
            result.file = nil
            result.ownSettings = [:]
            #expect(result == (try configuration()))
        }
    }
}

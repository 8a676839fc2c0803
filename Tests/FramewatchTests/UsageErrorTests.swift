// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import framewatch

/// What somebody wrote, and the line that they get back.
struct Mistake: CustomTestStringConvertible {
    var words: [String] = []
    var environment: [String: String] = [:]
    var file: String?
    let line: String

    var testDescription: String { line }

    init(_ words: String..., environment: [String: String] = [:], line: String) {
        (self.words, self.environment, self.line) = (words, environment, line)
    }

    /// In the lines of a file behind `[framewatch]`, which is line 1.
    init(file: String, line: String) {
        (self.words, self.file, self.line) = (["run", "--config", "f.conf"], "[framewatch]\n" + file, line)
    }

    static let ofValues = [
        Mistake(
            "run", "--stall-after", "abc",
            line: "flag --stall-after cannot be \"abc\"; it takes seconds from 0.1 to 3600"),
        Mistake("run", "--ws-port=70000", line: "flag --ws-port cannot be \"70000\"; it takes a port from 0 to 65535"),
        Mistake(
            "run", "--retry-delays", "10,,5",
            line: """
                flag --retry-delays cannot be "10,,5"; \
                it takes seconds from 0.1 to 86400, or several with commas between
                """),
        Mistake(
            "relay", environment: ["FRAMEWATCH_LOG_FORMAT": "xml"],
            line: "environment variable FRAMEWATCH_LOG_FORMAT cannot be \"xml\"; it takes classic or json"),
        Mistake(
            file: "\n# Serving\nws-port = 70000\n",
            line: "f.conf:4: ws-port cannot be \"70000\"; it takes a port from 0 to 65535"),
        Mistake(
            file: "stall-after = 10 # seconds",
            line: "f.conf:2: stall-after cannot be \"10 # seconds\"; it takes seconds from 0.1 to 3600"),
        Mistake(
            "run", "--token", "swordfish!",
            line: """
                flag --token has a wrong value; it takes none, 8 to 128 characters out of A-Z, a-z, 0-9 and ._~-, \
                or nothing
                """),
        Mistake(
            file: "relay = http://a?token=swordfish",
            line: """
                f.conf:2: relay has a wrong value; it takes ws://HOST:PORT or wss://HOST:PORT, \
                or nothing
                """),
        Mistake(
            "run", "--stall-after", "\u{1B}[31m\né" + String(repeating: "x", count: 99),
            line: """
                flag --stall-after cannot be "\\u{1B}[31m\\né\(String(repeating: "x", count: 53))…"; \
                it takes seconds from 0.1 to 3600
                """),
        Mistake(
            "run", "--stun", "turn://u:swordfish@h:3478",
            line: """
                flag --stun cannot be "…@h:3478"; \
                it takes stun://HOST:PORT, or nothing
                """),
        Mistake(
            "run", "--allowed-origins", "https://a,https://u:swordfish@h/x",
            line: """
                flag --allowed-origins cannot be "…@h/x"; \
                it takes https://HOST:PORT or http://HOST:PORT, without a path, or several with commas between, \
                each once, or nothing
                """),
        Mistake(
            "simulate", "--seeds", "0",
            line: "flag --seeds cannot be \"0\"; it takes a whole number from 1 to 1000000000"),
    ]

    static let ofWords = [
        Mistake(
            line:
                "the first word must be a command: run, relay, camera, incidents, simulate or doctor; framewatch --help tells more"
        ),
        Mistake(
            "--ws-port", "1", "run",
            line:
                "the first word must be a command: run, relay, camera, incidents, simulate or doctor; framewatch --help tells more"
        ),
        Mistake(
            "incidents", "door", "3", "4",
            line: "incidents takes [CAMERA [INCIDENT]] and flags, and \"4\" is one word too many"),
        Mistake(
            "incidents", "a/b",
            line: "CAMERA cannot be \"a/b\"; it takes 1 to 64 characters out of A-Z, a-z, 0-9 and ._-"),
        Mistake("incidents", "door", "--jsn", line: "unknown flag --jsn; did you mean --json?"),
        Mistake("incidents", "--ws-port", "1", line: "flag --ws-port is for run, not for incidents"),
        Mistake("run", "--help=1", line: "flag --help takes no value"),
        Mistake("rnu", line: "unknown command \"rnu\"; did you mean run?"),
        Mistake("", line: "unknown command \"\"; framewatch --help lists them all"),
        Mistake("dance", line: "unknown command \"dance\"; framewatch --help lists them all"),
        Mistake("run", "--stal-after", "10", line: "unknown flag --stal-after; did you mean --stall-after?"),
        Mistake("run", "--stal-after=10", line: "unknown flag --stal-after; did you mean --stall-after?"),
        Mistake("run", "-stall-after", "10", line: "unknown flag -stall-after; did you mean --stall-after?"),
        Mistake("run", "--colour", line: "unknown flag --colour; framewatch run --help lists them all"),
        Mistake("run", "--", line: "unknown flag --; framewatch run --help lists them all"),
        Mistake(
            "relay", "--stall-after", "10",
            line: "flag --stall-after is for run, not for relay"),
        Mistake("run", "--ws-port", line: "flag --ws-port has no value; it takes a port from 0 to 65535"),
        Mistake(
            "run", "--ws-port", "--bind", "::", line: "flag --ws-port has no value; it takes a port from 0 to 65535"),
        Mistake("run", "--camera", "a", "--camera", "b", line: "flag --camera is given twice"),
        Mistake("run", "turn://u:swordfish@h", line: "run takes only flags, and \"…@h\" is none"),
        Mistake("run", "now", line: "run takes only flags, and \"now\" is none"),
        Mistake(
            "run", "--token", "swordfish", "swordfish",
            line: "flag --token takes one value, and another word follows it"),
    ]

    static let ofSources = [
        Mistake("run", "--config", "nowhere.conf", line: "cannot read nowhere.conf: no such file"),
        Mistake(file: "stal-after = 10", line: "f.conf:2: unknown key \"stal-after\"; did you mean stall-after?"),
        Mistake(
            file: "\n\nconfig = x", line: "f.conf:4: unknown key \"config\"; framewatch --print-config lists all keys"),
        Mistake(file: "ws-port = 1\nws-port = 2", line: "f.conf:3: ws-port is already set in line 2"),
        Mistake(
            file: "token swordfish",
            line: "f.conf:2: this is neither key = value, nor a # comment, nor [framewatch], nor [camera NAME]"),
        Mistake(
            file: "[camera door]\nstall-after = x",
            line: "f.conf:3: [camera door] stall-after cannot be \"x\"; it takes seconds from 0.1 to 3600"),
        Mistake(
            file: "[camera door]\nturn = swordfish",
            line: "f.conf:3: [camera door] turn has a wrong value; it takes turn://USER:PASSWORD@HOST:PORT, "
                + "or several with commas between, or nothing"),
        Mistake(
            file: "[camera door]\nws-port = 1",
            line: "f.conf:3: ws-port is the same for all cameras: it belongs under [framewatch], "
                + "not under [camera door]"),
        Mistake(
            file: "[camera door]\nstal-after = 1",
            line: "f.conf:3: unknown key \"stal-after\"; did you mean stall-after?"),
        Mistake(
            file: "[camera door]\nstun =\n[camera door]\nstun =",
            line: "f.conf:5: stun is already set in line 3"),
        Mistake(
            file: "[camera front door]",
            line: "f.conf:2: a camera's name is 1 to 64 of A-Z a-z 0-9 . _ -"),
        Mistake(
            file: "[camera]",
            line: "f.conf:2: this is neither key = value, nor a # comment, nor [framewatch], nor [camera NAME]"),
        Mistake(
            file: "[other]",
            line: "f.conf:2: this is neither key = value, nor a # comment, nor [framewatch], nor [camera NAME]"),
        Mistake(file: "ws-port = 1\0", line: "cannot read f.conf: it is not text"),
        Mistake(
            "run", environment: ["FRAMEWATCH_STAL_AFTER": "1"],
            line: "unknown environment variable FRAMEWATCH_STAL_AFTER; did you mean FRAMEWATCH_STALL_AFTER?"),
        Mistake(
            "run", environment: ["FRAMEWATCH_PORT": "tcp://10.0.0.1:80"],
            line: "unknown environment variable FRAMEWATCH_PORT; framewatch --print-config lists all keys"),
        Mistake(
            "run", environment: ["FRAMEWATCH_SOMETHING": "1"],
            line: "unknown environment variable FRAMEWATCH_SOMETHING; framewatch --print-config lists all keys"),
        Mistake(
            "run", "--http-port", "8080", line: "flag --http-port cannot be \"8080\"; ws-port has that port already"),
        Mistake(file: "ws-port = 8443", line: "f.conf:2: ws-port cannot be \"8443\"; https-port has that port already"),
        Mistake(
            "run", "--warn-after", "10.5",
            line: "flag --warn-after cannot be \"10.5\"; it must not be above stall-after, which is 10"),
        Mistake(
            file: "warn-after = 5\nstall-after = 4.5",
            line: "f.conf:2: warn-after cannot be \"5\"; it must not be above stall-after, which is 4.5"),
        Mistake(
            file: "warn-after = 8\n[camera door]\nstall-after = 7",
            line: "f.conf:2: warn-after cannot be \"8\"; it must not be above stall-after, which is 7 for camera door"),
        Mistake("run", "--tls-certificate", "c", line: "flag --tls-certificate is of no use without tls-key"),
        Mistake(file: "tls-key = k", line: "f.conf:2: tls-key is of no use without tls-certificate"),
        Mistake(
            "run", environment: ["HOME": ""],
            line: "state-dir is not set, and neither XDG_STATE_HOME nor HOME says where it could be"),
    ]
}

struct UsageErrorTests {
    @Test(arguments: Mistake.ofValues + Mistake.ofWords + Mistake.ofSources)
    func `a mistake is told in one line`(mistake: Mistake) throws {
        let surroundings = Surroundings(
            environment: ["HOME": "/home/ann"].merging(mistake.environment) { $1 },
            files: mistake.file.map { ["f.conf": $0] } ?? [:])
        let error = try #require(throws: UsageError.self) {
            try Invocation(words: mistake.words, surroundings: surroundings)
        }
        #expect(error.description == mistake.line)
        #expect(!"\(error)".contains("swordfish"))
    }

    @Test(arguments: ["ws-port = 1", "garbage", "\u{FEFF}[framewatch]"])
    func `nothing but comments comes before the group`(file: String) {
        let error = #expect(throws: UsageError.self) {
            try configuration("--config", "f.conf", in: Surroundings(files: ["f.conf": "# a\n\n" + file]))
        }
        #expect(error?.description == "f.conf:3: before this there must be the line [framewatch]")
    }

    @Test func `no secret stays in an error, however it is printed`() {
        let error = #expect(throws: UsageError.self) { try configuration("--token", "swordfish!") }
        var dumped = ""
        dump(error, to: &dumped)
        #expect(!dumped.contains("swordfish"))
    }
}

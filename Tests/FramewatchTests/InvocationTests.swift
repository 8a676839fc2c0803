// SPDX-License-Identifier: Apache-2.0

import Host
import Signaling
import Simulation
import Telemetry
import Testing
import Text
import Timing

@testable import framewatch

extension Surroundings {
    /// A machine that has these files and no others.
    init(environment: [String: String] = ["HOME": "/home/ann"], files: [String: String] = [:]) {
        self.init(environment: environment) { path throws(Host.ReadError) in
            guard let text = files[path] else { throw .missing }
            return text
        }
    }
}

/// The configuration that `framewatch run` would begin with.
func configuration(_ words: String..., in surroundings: Surroundings = Surroundings()) throws -> Configuration {
    guard case .run(let configuration) = try Invocation(words: ["run"] + words, surroundings: surroundings) else {
        throw NotAllowed()
    }
    return configuration
}

struct InvocationTests {
    static let own = "/home/ann/.config/framewatch/framewatch.conf"

    @Test func `a flag beats the environment, which beats the file, which beats the default`() throws {
        let file = """
            [framewatch]
            warn-after = 1
            check-every = 1
            stall-after = 1
            """
        let surroundings = Surroundings(
            environment: ["FRAMEWATCH_CHECK_EVERY": "2", "FRAMEWATCH_STALL_AFTER": "2"],
            files: ["/etc/framewatch.conf": file])
        let result = try configuration("--stall-after", "3", "--state-dir", "s", in: surroundings)
        #expect(result.camera.watchdog.warnAfter == .seconds(1))
        #expect(result.camera.watchdog.checkEvery == .seconds(2))
        #expect(result.camera.watchdog.stallAfter == .seconds(3))
        #expect(result.camera.watchdog.reconnectWait == .seconds(30))
        #expect(result.file == "/etc/framewatch.conf")
    }

    @Test func `a wrong value is refused where a right one beats it, too`() {
        #expect(throws: UsageError.self) {
            try configuration(
                "--ws-port", "1", in: Surroundings(environment: ["HOME": "/", "FRAMEWATCH_WS_PORT": "x"]))
        }
    }

    @Test(arguments: [["--ws-port", "81"], ["--ws-port=81"]])
    func `a flag has its value behind it, or behind an equals sign`(words: [String]) throws {
        let invocation = try Invocation(words: ["relay"] + words, surroundings: Surroundings())
        guard case .relay(let configuration) = invocation else { throw NotAllowed() }
        #expect(configuration.ports.webSocket == 81)
    }

    @Test func `only the first equals sign ends the flag`() throws {
        #expect(try configuration("--relay=ws://a/?b=c").relay == Secret("ws://a/?b=c"))
    }

    @Test func `one's own file comes before the machine's, and the named one before both`() throws {
        func file(_ port: Int) -> String { "[framewatch]\nws-port = \(port)\n" }
        let all = [
            Self.own: file(1), "/etc/framewatch.conf": file(2), "mine": file(3),
            "/xdg/framewatch/framewatch.conf": file(4),
        ]
        let home = Surroundings(files: all)
        #expect(try configuration(in: home).ports.webSocket == 1)
        #expect(try configuration("--config", "mine", in: home).ports.webSocket == 3)
        let xdg = Surroundings(environment: ["HOME": "/home/ann", "XDG_CONFIG_HOME": "/xdg"], files: all)
        #expect(try configuration(in: xdg).ports.webSocket == 4)
        let homeless = Surroundings(environment: ["XDG_STATE_HOME": "/s"], files: all)
        #expect(try configuration(in: homeless).ports.webSocket == 2)
        #expect(try configuration().file == nil)
    }

    @Test(arguments: [
        (["XDG_STATE_HOME": "/s", "HOME": "/h"], "/s/framewatch"),
        (["HOME": "/h"], "/h/.local/state/framewatch"),
        (["XDG_STATE_HOME": "relative", "HOME": "/h"], "/h/.local/state/framewatch"),
        (["FRAMEWATCH_STATE_DIR": "/d", "HOME": "/h"], "/d"),
    ])
    func `the state has a place`(environment: [String: String], directory: String) throws {
        #expect(try configuration(in: Surroundings(environment: environment)).stateDirectory == directory)
    }

    @Test func `a file may have comments, indents, line ends of Windows and several groups of ours`() throws {
        let file = "# a\r\n\r\n  [framewatch]\r\n\tws-port=1 \r\n  # b\r\n[framewatch]\nrelay = ws://a/?x=y\ntoken =\n"
        let result = try configuration(in: Surroundings(files: [Self.own: file]))
        #expect(result.ports.webSocket == 1)
        #expect(result.relay == Secret("ws://a/?x=y"))
        #expect(result.token == .own)
    }

    @Test func `a camera's section beats what holds for all, and is beaten by environment and flag`() throws {
        let file = """
            [camera door]
            stall-after = 20
            warn-after = 7
            retry-delays = 3
            [framewatch]
            stall-after = 30
            codecs = vp8
            check-every = 4
            """
        let home = Surroundings(
            environment: ["HOME": "/home/ann", "FRAMEWATCH_WARN_AFTER": "6"], files: [Self.own: file])
        let result = try configuration("--retry-delays", "9", in: home)
        let door = try result.settings(of: #require(CameraName("door")))
        #expect(door.watchdog.stallAfter == .seconds(20))
        #expect(door.watchdog.warnAfter == .seconds(6))
        #expect(door.watchdog.retries == Backoff([.seconds(9)]))
        #expect(door.watchdog.checkEvery == .seconds(4))
        #expect(door.codecs == [.vp8])
        #expect(result.settings(of: .default) == result.camera)
        #expect(result.camera.watchdog.stallAfter == .seconds(30))
    }

    @Test func `a file may begin with a mark of its byte order`() throws {
        let file = "\u{FEFF}[framewatch]\nws-port = 1\n"
        #expect(try configuration(in: Surroundings(files: [Self.own: file])).ports.webSocket == 1)
    }

    @Test func `ports that any free one will do for may be several`() throws {
        let result = try configuration("--ws-port", "0", "--http-port", "0", "--https-port", "0")
        #expect(result.ports == .init(webSocket: 0, http: 0, https: 0))
    }

    @Test func `a simulation has its own flags, and neither file nor environment`() throws {
        let surroundings = Surroundings(environment: ["FRAMEWATCH_SEED": "x"])
        let standard = SimulationOptions(seeds: 200, firstSeed: 1, hours: 24, only: nil, jobs: nil)
        #expect(try Invocation(words: ["simulate"], surroundings: surroundings) == .simulate(standard))

        let words = ["simulate", "--seeds", "1", "--seed=7", "--hours", "3", "--only", "3,17", "--jobs", "2"]
        let options = SimulationOptions(seeds: 1, firstSeed: 7, hours: 3, only: [3, 17], jobs: 2)
        #expect(try Invocation(words: words, surroundings: surroundings) == .simulate(options))
    }

    @Test(arguments: [nil, [], [3, 17]] as [[Int]?])
    func `the command that an outcome prints replays it`(only: [Int]?) throws {
        let outcome = Simulation.run(seed: 7, hours: 1, only: only)
        let words = outcome.command.split(separator: " ").map(String.init)
        #expect(words.first == "framewatch")
        let options = SimulationOptions(seeds: 1, firstSeed: 7, hours: 1, only: only, jobs: nil)
        let read = try Invocation(words: Array(words.dropFirst()), surroundings: Surroundings())
        #expect(read == .simulate(options))
    }

    @Test func `what is not there yet is known whatever it is asked for`() throws {
        let invocation = try Invocation(words: ["doctor", "--relay", "x", "y"], surroundings: Surroundings())
        #expect(invocation == .unavailable(.doctor))
    }
}

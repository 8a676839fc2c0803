// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainLoop
import Media
import Signaling
import Telemetry
import Testing
import Timing

@testable import framewatch

/// What `framewatch camera` would begin with.
private func options(_ words: String..., in surroundings: Surroundings = Surroundings()) throws -> CameraOptions {
    guard case .camera(let options) = try Invocation(words: ["camera"] + words, surroundings: surroundings) else {
        throw NotAllowed()
    }
    return options
}

struct CameraOptionsTests {
    @Test func `without flags it is a well-behaved phone with a ball`() throws {
        let options = try options()
        #expect(options.video == VideoSettings())
        #expect(options.driver.mischief == Mischief())
        #expect(options.driver.sound == .none)
        #expect(options.name == .default)
    }

    @Test func `flags say what is seen`() throws {
        let video = try options(
            "--file", "a.mp4", "--speed", "2.5", "--loop", "--fps", "25", "--size", "640x360", "--codec", "vp8",
            "--bitrate", "500"
        ).video
        var clip = VideoSettings.Clip(path: "a.mp4")
        (clip.speed, clip.end) = (2.5, .repeats)
        #expect(video.scene == .clip(clip))
        #expect(video.framesPerSecond == 25)
        #expect(video.size == VideoSettings.Size(width: 640, height: 360))
        #expect(video.codec == .vp8)
        #expect(video.kilobitsPerSecond == 500)
        #expect(try options("--pattern", "snow").video.scene == .pattern(.snow))
    }

    @Test func `flags say what goes wrong`() throws {
        let mischief = try options("--zombie-after", "40", "--deaf", "2", "--slow-offer", "5", "--die-after", "60")
            .mischief
        #expect(mischief.zombieAfter == .seconds(40) ... .seconds(40))
        #expect(mischief.ignoredCommands == 2)
        #expect(mischief.offerDelay == .seconds(5))
        #expect(mischief.dieAfter == .seconds(60))
    }

    @Test(arguments: [["--deaf"], ["--deaf", "--audio"], ["--deaf=all"], ["--audio", "--deaf", "all"]])
    func `some flags stand alone`(words: [String]) throws {
        let words = ["camera"] + words
        guard case .camera(let options) = try Invocation(words: words, surroundings: Surroundings()) else {
            throw NotAllowed()
        }
        #expect(options.mischief.ignoredCommands == .max)
        #expect((options.sound == .ticks) == words.contains("--audio"))
    }

    @Test(
        arguments: [
            (
                "size", ["1280x720", "16x16", "4096x2160"],
                ["", "1280", "1281x720", "x720", "1280x", "1x1", "1280x720x3", "4098x16"]
            ),
            ("fps", ["1", "120"], ["", "0", "121", "30.0"]),
            ("bitrate", ["50", "50000"], ["49", "50001", "2M"]),
            ("codec", ["h264", "vp8"], ["", "H264", "vp9"]),
            ("pattern", ["ball", "snow"], ["", "cat"]),
            ("speed", ["0.1", "1", "10"], ["0", "0.05", "11", "-1", "fast"]),
            ("loop", ["yes", "no"], ["", "true"]),
            ("audio", ["yes", "no"], ["", "1"]),
            ("deaf", ["all", "0", "2"], ["", "-1", "some"]),
            (
                "zombie-after", ["", "0.1", "86400", "30-60", "5-5"],
                ["0", "86401", "x", "60-30", "30-", "-", "0-5", "1-2-3"]
            ),
            ("slow-offer", ["0", "5"], ["", "-1", "3601"]),
            ("die-after", ["", "60"], ["0", "x"]),
            ("name", ["default", "front-door"], ["", "a/b", ".."]),
            ("token", ["", "none", "12345678"], ["short"]),
            ("relay", ["", "ws://a:1", "wss://a"], ["http://a", "a"]),
        ] as [(String, [String], [String])])
    func `each flag takes what it can use`(key: String, good: [String], bad: [String]) {
        for text in good { #expect(throws: Never.self) { try options("--\(key)=\(text)") } }
        for text in bad { #expect(throws: UsageError.self, "\(text)") { try options("--\(key)=\(text)") } }
    }

    @Test func `what this machine's receiver is told holds, but for where it logs to`() throws {
        let file = "[framewatch]\nlog-level = debug\nlog-file = /var/log/framewatch\nstate-dir = /s\n"
        let surroundings = Surroundings(files: ["/etc/framewatch.conf": file])
        let configuration = try options(in: surroundings).configuration
        #expect(configuration.logLevel == .debug)
        #expect(configuration.logFile == nil)
        #expect(configuration.stateDirectory == "/s")
        #expect(try options("--log-file", "mine", in: surroundings).configuration.logFile == "mine")
    }

    // MARK: - The relay

    /// `ws://HOST:PORT/TARGET` that it would dial.
    private static func dialed(_ options: CameraOptions) throws -> String {
        let address = try options.joinedRelay().address(of: RelayAddress(.camera, of: options.name))
        return "\(address.isSecure ? "wss" : "ws")://\(address.authority)\(address.target)"
    }

    @Test func `it dials the receiver of this machine, and shows the token that is kept`() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "framewatch-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let url = try Self.dialed(try options("--state-dir", directory))
        let token = try StateDirectory(path: directory).token().revealSecret()
        #expect(url == "ws://127.0.0.1:8080/camera?token=\(token)")
        // Whose that is, nobody knows.
        let other = try Self.dialed(try options("--state-dir", directory, "--relay", "ws://127.0.0.1:8080"))
        #expect(other == "ws://127.0.0.1:8080/camera")
    }

    @Test(
        arguments: [
            ([], "ws-port = 81\nbind = ::", "ws://[::1]:81/camera?token=configured"),
            (["--name", "door"], "bind = 10.0.0.5", "ws://10.0.0.5:8080/camera/door?token=configured"),
            ([], "relay = wss://far/base?a=b", "wss://far/base/camera?a=b"),
            ([], "relay = ws://far:8080", "ws://far:8080/camera?token=configured"),
            (["--relay", "ws://far:8080/camera"], "", "ws://far:8080/camera"),
            (["--relay", "ws://localhost:81"], "", "ws://localhost:81/camera"),
            ([], "relay = ws://localhost:81/t/theirs", "ws://localhost:81/t/theirs/camera"),
            (["--relay", "ws://far:8080", "--token", "mine5678"], "", "ws://far:8080/camera?token=mine5678"),
            (["--token", "none"], "", "ws://127.0.0.1:8080/camera"),
        ] as [([String], String, String)])
    func `a token is shown to whom it belongs`(words: [String], file: String, url: String) throws {
        let file = "[framewatch]\ntoken = configured\n\(file)\n"
        let surroundings = Surroundings(files: ["/etc/framewatch.conf": file])
        guard case .camera(let options) = try Invocation(words: ["camera"] + words, surroundings: surroundings) else {
            throw NotAllowed()
        }
        #expect(try Self.dialed(options) == url)
    }
}

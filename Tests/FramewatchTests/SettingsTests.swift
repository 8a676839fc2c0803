// SPDX-License-Identifier: Apache-2.0

import Signaling
import Sockets
import Telemetry
import Testing
import Text
import Timing
import Watchdog

@testable import framewatch

/// Values that one key takes, and values that it refuses.
struct Trial: CustomTestStringConvertible {
    let key: String
    let good: [String]
    let bad: [String]

    var testDescription: String { key }

    init(_ key: String, good: [String], bad: [String]) {
        (self.key, self.good, self.bad) = (key, good, bad)
    }

    static let seconds = (
        good: ["0.1", "0.5", "10", "10.25", "3600"], bad: ["0", "0.09", "3600.1", "-1", "1e3", "nan"]
    )
    static let count = ["", "0", "-1", "+1", "1.5", "0x10", " 1", "one", "99999999999999999999"]

    static let all = [
        Trial(
            "relay", good: ["", "ws://10.0.0.5:8080", "wss://relay.example.org/a?token=x", "ws://[fe80::1]:80"],
            bad: [
                "10.0.0.5:8080", "http://10.0.0.5", "ws://", "ws://:80", "ws://a:0", "ws://a:70000", "ws://a:",
                "ws://a b",
                "ws://u:p@a", "ws://a/#b", "ws://[::1", "ws://é",
            ]),
        Trial("metrics-port", good: ["", "0", "65535"], bad: ["65536", "-1", "http"]),
        Trial(
            "camera", good: ["", "default", "front-door,back.door_2", String(repeating: "a", count: 64)],
            bad: [",", "a,", "a,,b", "a,a", "a b", "a/b", "é", "..", String(repeating: "a", count: 65)]),
        Trial("max-cameras", good: ["1", "1000"], bad: ["", "0", "1001", "-1"]),
        Trial("codecs", good: ["h264", "vp8", "vp8,h264", "vp8, h264"], bad: ["", "vp9", "H264", "h264,", "vp8,vp8"]),
        Trial(
            "stun", good: ["", "stun://stun.example.org:3478", "stun://[2001:db8::1]:2"],
            bad: [
                "stun:a:1", "stun://a:1,stun://b:2", "stun://a", "stun://u:p@a:1", "stun://a:1/", "turn://u:p@a:1",
                "stun://a:1,",
            ]),
        Trial(
            "turn", good: ["", "turn://u:p@a:3478", "turns://u:p%40@a:443?transport=tcp,turn://u:p@b:1"],
            bad: [
                "turn://a:1", "turn://u@a:1", "turn://u:@a:1", "turn://u:p:q@a:1", "turn://u:p@a", "turn://u:p@q@a:1",
                "turn://u:p@a:1?transport=sctp",
            ]),
        Trial("warn-after", good: seconds.good, bad: seconds.bad),
        Trial("check-every", good: seconds.good, bad: seconds.bad),
        Trial(
            "stall-after", good: seconds.good,
            bad: seconds.bad + ["abc", "", ".", "10.", ".5", "1.2.3", "10s", "5,5", "٣"]),
        Trial("reconnect-wait", good: seconds.good, bad: seconds.bad),
        Trial(
            "retry-delays", good: ["1", "10,30,60,120", "10, 10 ,86400"],
            bad: ["", ",", "10,,5", "10,", ",10", "10;5", "0", "10,0", "86401"]),
        Trial("max-attempts", good: ["0", "1", "1000000"], bad: ["", "-1", "1000001", "none"]),
        Trial(
            "bind", good: ["0.0.0.0", "127.0.0.1", "::", "::1", "fe80::1:2", "1:2:3:4:5:6:7:8"],
            bad: [
                "", "localhost", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.", ":", ":::", "1::2::3", "12345::", "::+1",
                "1:2:3:4:5:6:7:8:9", "[::1]",
            ]),
        Trial("ws-port", good: ["0", "1", "65535"], bad: ["", "65536", "70000", "-1", "+80", "http"]),
        Trial("http-port", good: ["0", "80"], bad: ["65536"]),
        Trial("https-port", good: ["0", "443"], bad: ["65536"]),
        Trial("tls-certificate", good: ["", "/etc/a b.pem"], bad: ["a\0b"]),
        Trial("tls-key", good: ["", "key.pem"], bad: ["a\0b"]),
        Trial(
            "token", good: ["", "none", "12345678", "aZ09._~-", String(repeating: "a", count: 128)],
            bad: ["None", "1234567", "1234 5678", "12345678?", "ÄÖÜäöüßß", String(repeating: "a", count: 129)]),
        Trial(
            "allowed-origins", good: ["", "https://example.org", "http://10.0.0.1:8000,https://a.b"],
            bad: ["*", "example.org", "https://example.org/", "ftp://a", "https://a,https://A", "https://u@a"]),
        Trial("viewer-policy", good: ["oldest", "newest"], bad: ["", "Oldest", "old"]),
        Trial("max-peers", good: ["1", "100000"], bad: count + ["100001"]),
        Trial("connect-rate", good: ["1", "100000"], bad: count + ["100001"]),
        Trial("handshake-timeout", good: ["0.1", "300"], bad: ["0", "301"]),
        Trial("max-text", good: ["1024", "16777216"], bad: count + ["1023", "16777217"]),
        Trial("max-binary", good: ["1024", "67108864"], bad: count + ["1023", "67108865"]),
        Trial("max-depth", good: ["4", "128"], bad: count + ["3", "129"]),
        Trial("max-unsent", good: ["65536", "1073741824"], bad: count + ["65535", "1073741825"]),
        Trial("message-rate", good: ["1", "100000"], bad: count + ["100001"]),
        Trial("message-burst", good: ["1", "100000"], bad: count + ["100001"]),
        Trial("log-format", good: ["classic", "json"], bad: ["", "text"]),
        Trial("log-level", good: ["debug", "info", "warning", "error"], bad: ["", "INFO", "trace"]),
        Trial("log-file", good: ["-", "/var/log/framewatch.log"], bad: [""]),
        Trial("state-dir", good: ["", "/var/lib/framewatch", "here"], bad: ["a\0"]),
    ]
}

struct SettingsTests {
    @Test func `every key has its range of values tested`() {
        #expect(Trial.all.map(\.key) == Configuration.settings.keys)
    }

    @Test(arguments: Trial.all)
    func `a key takes what it allows and refuses everything else`(trial: Trial) throws {
        let setting = try #require(Configuration.settings[trial.key])
        var configuration = Configuration.settings.defaults
        for text in trial.good {
            #expect(throws: Never.self, "\(text)") { try setting.store(text, &configuration) }
        }
        let before = configuration
        for text in trial.bad {
            #expect(throws: NotAllowed.self, "\(text)") { try setting.store(text, &configuration) }
        }
        #expect(configuration == before)
    }

    @Test func `the defaults are those of the parts that they configure`() {
        let defaults = Configuration.settings.defaults
        #expect(defaults.camera.watchdog == FrameWatchdog.Policy())
        #expect(defaults.relay == nil)
        #expect(defaults.cameras == [])
        #expect(defaults.camera.codecs == [.h264, .vp8])
        #expect(defaults.bind == "0.0.0.0")
        #expect(defaults.ports == .init(webSocket: 8080, http: 3000, https: 8443))
        #expect(defaults.token == .own)
        #expect(defaults.limits == Limits())
        #expect(defaults.transport == TransportLimits())
        #expect(defaults.logFile == nil)
    }

    @Test func `each value lands in its own place`() throws {
        let texts = [
            "relay": "ws://a:1", "metrics-port": "19", "camera": "a,b", "max-cameras": "18", "codecs": "vp8",
            "stun": "stun://s:1",
            "turn": "turn://u:p@t:2",
            "warn-after": "1.5", "check-every": "2", "stall-after": "3", "reconnect-wait": "4", "retry-delays": "5,0.1",
            "max-attempts": "6", "bind": "::1", "ws-port": "7", "http-port": "8", "https-port": "9",
            "tls-certificate": "c", "tls-key": "k", "token": "swordfish", "allowed-origins": "https://EXAMPLE.org",
            "viewer-policy": "newest", "max-peers": "10", "connect-rate": "11", "handshake-timeout": "12",
            "max-text": "1300", "max-binary": "1400", "max-depth": "17", "max-unsent": "70000", "message-rate": "15",
            "message-burst": "16",
            "log-format": "json", "log-level": "error", "log-file": "l", "state-dir": "s",
        ]
        #expect(texts.keys.sorted() == Configuration.settings.keys.sorted())
        let assignments = texts.map { Assignment(key: $0, text: $1, origin: .flag) }

        var expected = Configuration.settings.defaults
        expected.relay = Secret("ws://a:1")
        expected.metricsPort = 19
        expected.cameras = ["a", "b"].compactMap { CameraName($0) }
        expected.maxCameras = 18
        expected.camera.codecs = [.vp8]
        expected.camera.stun = "stun://s:1"
        expected.camera.turn = [Secret("turn://u:p@t:2")]
        expected.camera.watchdog.warnAfter = .milliseconds(1500)
        expected.camera.watchdog.checkEvery = .seconds(2)
        expected.camera.watchdog.stallAfter = .seconds(3)
        expected.camera.watchdog.reconnectWait = .seconds(4)
        expected.camera.watchdog.retries = Backoff([.seconds(5), .milliseconds(100)])
        expected.camera.watchdog.maxAttempts = 6
        expected.bind = "::1"
        expected.ports = .init(webSocket: 7, http: 8, https: 9)
        expected.certificate = .init(chain: "c", key: "k")
        expected.token = .given(Secret("swordfish"))
        expected.allowedOrigins = ["https://example.org"]
        expected.viewerPolicy = .newest
        expected.limits.peers = 10
        expected.transport.connectionsPerSecond = 11
        expected.transport.handshake = .seconds(12)
        expected.transport.textBytes = 1300
        expected.transport.binaryBytes = 1400
        expected.limits.jsonDepth = 17
        expected.transport.unsentBytes = 70_000
        expected.limits.messagesPerSecond = 15
        expected.limits.messageBurst = 16
        expected.logFormat = .json
        expected.logLevel = .error
        expected.logFile = "l"
        expected.stateDirectory = "s"
        #expect(try Configuration.settings.values(from: assignments) == expected)
    }

    @Test func `none opens everything, and nothing lets a token be made`() throws {
        func token(_ text: String) throws -> Configuration.Token {
            try Configuration.settings.values(from: [Assignment(key: "token", text: text, origin: .flag)]).token
        }
        #expect(try token("none") == .open)
        #expect(try token("") == .own)
    }

    @Test func `a secret prints as a dot dot dot`() {
        var configuration = Configuration.settings.defaults
        configuration.token = .given(Secret("swordfish"))
        configuration.relay = Secret("ws://a?token=swordfish")
        configuration.camera.turn = [Secret("turn://u:swordfish@t:2")]
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(text.contains("…"))
            #expect(!text.contains("swordfish"))
        }
    }
}

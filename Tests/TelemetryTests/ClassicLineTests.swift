// SPDX-License-Identifier: Apache-2.0

import Telemetry
import Testing

struct ClassicLineTests {
    let everything: LineFormat = {
        var format = LineFormat()
        format.threshold = .debug
        return format
    }()

    @Test(arguments: samples)
    func `each event has its line`(event: Event, line: String) {
        #expect(everything.line(for: event.record()) == "14:50:00 \(line)")
    }

    @Test func `the signs are the bytes that are out there`() throws {
        let closing = try #require(everything.line(for: Event.receiver(.closingPeer).record()))
        #expect(closing.unicodeScalars.dropFirst(16).starts(with: ["1", "\u{FE0F}", "\u{20E3}", " "]))
        let viewer = try #require(everything.line(for: Event.relay(.connected(.viewer(id: "v1"))).record()))
        #expect(viewer.unicodeScalars.dropFirst(16).starts(with: ["\u{1F441}", "\u{FE0F}", " ", " ", "V"]))
    }

    @Test func `the camera's name follows the level where names are shown`() {
        let record = Event.receiver(.frames(total: 60, fps: 30)).record(camera: "front-door")
        var format = LineFormat()
        #expect(format.line(for: record) == "14:50:00 [INFO] 📹 Frame 60 | FPS: 30.0")
        format.cameraNames = .shown
        #expect(format.line(for: record) == "14:50:00 [INFO] [front-door] 📹 Frame 60 | FPS: 30.0")
        #expect(format.line(for: Event.receiver(.paused).record()) == "14:50:00 [INFO] ⏸️ Camera paused")
    }

    @Test(arguments: [
        (29.97, "30.0"), (29.94, "29.9"), (0, "0.0"), (0.04, "0.0"), (9.94, "9.9"), (9.96, "10.0"), (120, "120.0"),
        (-1.26, "-1.3"),
        (.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf"), (1e300, "1e+300"),
    ])
    func `a rate has one decimal`(fps: Double, text: String) {
        let line = everything.line(for: Event.receiver(.frames(total: 60, fps: fps)).record())
        #expect(line == "14:50:00 [INFO] 📹 Frame 60 | FPS: \(text)")
    }

    @Test(arguments: [
        (Level.debug, [Level.debug, .info, .warning, .error]), (.info, [.info, .warning, .error]),
        (.warning, [.warning, .error]), (.error, [.error]),
    ])
    func `what is under the threshold has no line`(threshold: Level, shown: [Level]) {
        var format = LineFormat()
        format.threshold = threshold
        let levels = samples.filter { format.line(for: $0.event.record()) != nil }.map(\.event.entry.level)
        #expect(Set(levels) == Set(shown))
    }
}

/// Log injection is impossible.
struct OutsidersWordsTests {
    func line(_ reason: String) -> String? {
        var format = LineFormat()
        format.cameraNames = .shown
        return format.line(for: Event.relay(.reconnectRelayed(reason: reason)).record())
    }

    @Test(arguments: [
        ("x\n14:50:52 [ERROR] 💀", #"x\n14:50:52 [ERROR] 💀"#), ("a\r\nb", #"a\r\nb"#), ("a\tb", #"a\tb"#),
        ("\u{1B}[2Jgone", #"\u{1B}[2Jgone"#), ("\u{9B}31m", #"\u{009B}31m"#), ("\0\u{7F}\u{85}", #"\0\u{7F}\u{0085}"#),
        ("a\u{2028}b\u{2029}c", #"a\u{2028}b\u{2029}c"#), ("\u{202E}txt.exe", #"\u{202E}txt.exe"#),
        ("\u{2066}x\u{2069}", #"\u{2066}x\u{2069}"#), ("é 👁️ 日本", "é 👁️ 日本"), ("", ""),
    ])
    func `an outsider's words stay on the line and give no orders`(reason: String, shown: String) {
        #expect(line(reason) == "14:50:00 [INFO] 🔄 Reconnection requested from viewer: \(shown)")
    }

    @Test func `long words are cut`() {
        let whole = String(repeating: "x", count: 500)
        #expect(line(whole)?.hasSuffix(": \(whole)") == true)
        #expect(line(whole + "y")?.hasSuffix(": \(whole)…") == true)
        let zalgo = "e" + String(repeating: "\u{301}", count: 100_000)
        #expect(line(zalgo).map { $0.unicodeScalars.count < 600 } == true)
    }

    @Test func `no event and no name lets a control through`() throws {
        let evil = "\n\r\u{2028}\u{1B}"
        let peer = RelayEvent.Peer.viewer(id: evil)
        let events: [Event] = [
            .receiver(.connectionState(evil)), .receiver(.iceState(evil)), .relay(.connected(.camera(id: evil))),
            .relay(.connected(peer)), .relay(.disconnected(.camera(id: evil))), .relay(.disconnected(peer)),
            .relay(.commandSent(evil, cameraID: evil)),
            .relay(.messageDropped(from: peer, "not_json", detail: evil, .first)),
            .relay(.picturesDropped(for: peer, count: 1)), .relay(.peerClosed(peer, closeCode: 1008, "flood")),
            .camera(.commandReceived(evil)), .camera(.commandIgnored(evil)), .camera(.answerRefused(evil)),
            .camera(.messageIgnored(evil)), .camera(.peerFailed(evil)),
            .service(.started(version: evil)), .service(.configurationNoted(evil)), .service(.listening(url: evil)),
            .service(.cameraPageServed(urls: evil, token: evil)),
            .service(.relayJoined(url: evil)), .service(.relayLost(url: evil)), .service(.stopping(signal: evil)),
        ]
        var format = LineFormat()
        format.cameraNames = .shown
        for face in LineFormat.Face.allCases {
            format.face = face
            for event in events {
                let line = try #require(format.line(for: event.record()))
                #expect(!line.unicodeScalars.contains { evil.unicodeScalars.contains($0) }, "\(event) as \(face)")
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Telemetry
import Testing
import Text
import Timing

@testable import Incidents

/// What a terminal shows.
struct AccountTests {
    static func incident(
        _ camera: String = "default", at seconds: Int64 = 0, _ cause: String = "silence",
        _ remedy: String? = "reconnect", _ ending: Incident.Ending = .recovered, lasting length: Double = 12.34
    ) throws -> Incident {
        Incident(
            camera: try #require(CameraName(camera)),
            began: WallTime(secondsSince1970: 1_795_182_600 + seconds, utcOffset: 3600), cause: cause, ending: ending,
            remedy: remedy, secondsWithoutFrames: length, attempts: 1, tried: [.init(at: 5, remedy: "reconnect")],
            samples: [], events: [.init(at: -1.5, event: "ice_state", message: "🧊 ICE state: \u{1B}")])
    }

    @Test func `a list has the newest first, numbered within its camera`() throws {
        let incidents = [
            try Self.incident(), try Self.incident("door", at: 60, "path is dead", "by itself", lasting: 6),
            try Self.incident(at: 120, "gone", nil, .gaveUp, lasting: 1234.5),
        ]
        #expect(
            Account.list(incidents) == [
                "#  began                camera   cause         helped            without frames",
                "1  2026-11-20 14:52:00  default  gone          nothing: gave up        1234.5 s",
                "1  2026-11-20 14:51:00  door     path is dead  by itself                  6.0 s",
                "2  2026-11-20 14:50:00  default  silence       reconnect                 12.3 s",
            ])
    }

    @Test func `shares are of all, the most frequent first`() throws {
        let incidents = [
            try Self.incident(lasting: 10), try Self.incident(lasting: 30), try Self.incident(lasting: 20),
            try Self.incident("silence", "silence", "by itself", lasting: 6),
        ]
        #expect(
            Account.shares(incidents) == [
                "cause    helped     times   share  without frames, median",
                "silence  reconnect      3  75.0 %                  20.0 s",
                "silence  by itself      1  25.0 %                   6.0 s",
            ])
        #expect(Account.shares([]).isEmpty && Account.list([]).isEmpty)
    }

    @Test func `a story tells it all, and is harmless to a terminal`() throws {
        #expect(
            Account.story(of: try Self.incident()) == [
                "incident        20261120T135000.000Z", "camera          default",
                "began           2026-11-20 14:50:00", "cause           silence",
                "tried           reconnect after 5.0 s", "helped          reconnect", "without frames  12.3 s", "",
                #"-1.5 s  🧊 ICE state: \u{1B}"#,
            ])
    }

    @Test(arguments: [
        ("1", "c"), ("3", "a"), ("b", "b"), ("0", nil), ("4", nil), ("-1", nil), ("", nil), ("d", nil),
        ("99999999999999999999", nil),
    ])
    func `one is found by its name or number`(which: String, name: String?) {
        #expect(Account.find(which, among: ["b", "c", "a"]) == name)
    }

    @Test func `a plot rises with the silence and falls with the frames`() {
        var flight = Flight()
        flight.fallSilent(after: 20)
        flight.die()
        flight.tell(.offerReceived, .firstFrame(after: .zero), .recovered(silence: .seconds(10)))
        flight.flow()
        flight.pass(5)
        #expect(
            Plot(flight.incidents[0].samples).lines == [
                "       │",
                "  10 s │",
                "       │                      ▁▃▄▅▆▇█",
                "   1 s │                    ▄▇███████",
                "       │                   ██████████",
                " 0.1 s │                   ██████████",
                "       │                   ██████████",
                "0.01 s │██████████████████████████████████",
                "       └───────────────────────┴──────────",
                "        -23.0 s                     10.0 s",
            ])
    }

    @Test(arguments: [0, 1, 2, 68, 69, 70, 240, 1000])
    func `a plot fits its terminal`(count: Int) {
        let samples = (0..<count).map { Incident.Sample(at: Double($0 - 120), frames: $0 * 30, fps: 30, age: 0) }
        let lines = Plot(samples).lines
        #expect(lines.isEmpty == (count < 2))
        #expect(lines.allSatisfy { $0.count <= 80 })
    }

    @Test(arguments: [-1, 0, 0.001, 0.01, 0.033, 0.99, 1, 9.99, 10, 100, 1e9, .infinity, .nan])
    func `a plot takes any number`(age: Double) {
        let samples = [0.0, 1, 2].map { Incident.Sample(at: $0, frames: 1, fps: 0, age: age) }
        #expect(Plot(samples).lines.count == 10)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import Telemetry
import Testing

struct JSONLineTests {
    let format: LineFormat = {
        var format = LineFormat()
        format.face = .json
        format.threshold = .debug
        return format
    }()

    func parse(_ record: Record) throws -> [String: Any] {
        let line = try #require(format.line(for: record))
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test func `a line is one object with its members in order`() {
        let record = Event.receiver(.frames(total: 60, fps: 29.97002997)).record(camera: "front")
        #expect(
            format.line(for: record) == """
                {"time":"2026-11-20T13:50:00.123Z","level":"info","event":"frames","camera":"front",\
                "total":60,"fps":29.97}
                """)
    }

    @Test(arguments: samples.map(\.event))
    func `each event can be read back`(event: Event) throws {
        let object = try parse(event.record(camera: "front"))
        let entry = event.entry
        #expect(object["time"] as? String == "2026-11-20T13:50:00.123Z")
        #expect(object["level"] as? String == entry.level.rawValue)
        #expect(object["event"] as? String == entry.name)
        #expect(object["camera"] as? String == "front")
        // None of them twice, and none in the place of another.
        #expect(object.count == 4 + entry.fields.count)
        for (name, value) in entry.fields {
            switch value {
            case .text(let text): #expect(object[name] as? String == text)
            case .integer(let number): #expect(object[name] as? Int == number)
            case .number(let number): #expect((object[name] as? Double).map { abs($0 - number) < 0.000_5 } == true)
            }
        }
    }

    @Test func `names are words of lower case, one for each event`() {
        let names = samples.map(\.event.entry.name)
        #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil })
        // Two of the samples are of `silent`, two of `signaling_relayed`, two of `admission_refused`.
        #expect(Set(names).count == samples.count - 3)
    }

    @Test(arguments: [
        "", "plain", #"a "quoted" \ one"#, "line\nfeed\r\t\0", "\u{1B}[31m\u{7F}\u{9B}", "\u{2028}\u{2029}\u{202E}",
        "日本 👁️ e\u{301}", "\u{E0001}\u{10FFFF}",
    ])
    func `every text comes back as it was`(text: String) throws {
        let object = try parse(Event.relay(.reconnectRelayed(reason: text)).record())
        #expect((object["reason"] as? String).map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `a number that JSON can't say is null`(fps: Double) throws {
        let object = try parse(Event.receiver(.frames(total: 60, fps: fps)).record())
        #expect(object["fps"] is NSNull)
    }

    @Test(arguments: [(1e15, 1e15), (-0.0004, 0), (1e-300, 0), (0.0005, 0.001), (1.7e308, 1.7e308)])
    func `a number has three decimals`(fps: Double, shown: Double) throws {
        let object = try parse(Event.receiver(.frames(total: 60, fps: fps)).record())
        #expect(object["fps"] as? Double == shown)
    }
}

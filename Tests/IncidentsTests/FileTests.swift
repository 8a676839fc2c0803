// SPDX-License-Identifier: Apache-2.0

import Telemetry
import Testing
import Text
import Timing

@testable import Incidents

/// What is written is read again, and nothing else is.
struct FileTests {
    static func incidents() -> [Incident] {
        var flight = Flight()
        flight.fallSilent()
        flight.die()
        flight.tell(.offerReceived, .firstFrame(after: .zero), .recovered(silence: .milliseconds(12_345)))
        flight.tell(.offerRefused("garbage", detail: "\"\u{1B}[31m\n"))
        flight.flow()
        flight.pass(5)
        flight.tell(.reconnectRequested("missed_offer"))
        flight.finish(.stopped)
        return flight.incidents
    }

    @Test func `an incident is read as it was written`() throws {
        for incident in FileTests.incidents() {
            #expect(try Incident(parsing: incident.text) == incident)
            #expect(incident.text.hasSuffix("}\n") && !incident.text.dropLast().contains("\n"))
        }
    }

    @Test func `times before 1970 are read as they were written, too`() throws {
        let time = WallTime(secondsSince1970: -2, nanoseconds: 250_000_000, utcOffset: -3600)
        var recorder = FlightRecorder(.default, continuing: Totals())
        _ = recorder.handle(.receiver(.dead(after: .seconds(10))), at: Instant(sinceOrigin: .seconds(99)), time)
        let incident = try #require(recorder.finish(.stopped, at: Instant(sinceOrigin: .seconds(99))).first?.incident)
        #expect(try Incident(parsing: incident.text) == incident)
    }

    @Test func `a summary is one line that leaves out the long lists`() throws {
        let summary = try JSONValue(parsing: FileTests.incidents()[0].summary)
        guard case .object(let members) = summary else { throw Malformed.wrong("summary") }
        #expect(members["remedy"] == "reconnect" && members["seconds_without_frames"] == .number(12.345))
        #expect(members["samples"] == nil && members["events"] == nil)
    }

    @Test(arguments: [
        ("", "it is no JSON: a value is missing at byte 0"),
        ("{", nil), ("[]", "its member camera is missing or wrong"), ("null", "its member camera is missing or wrong"),
        (#"{"camera":"a/b"}"#, "its member camera is missing or wrong"),
        (#"{"camera":"a","ending":"happy"}"#, "its member ending is missing or wrong"),
    ])
    func `what is no incident says why`(text: String, why: String?) {
        let error = #expect(throws: Malformed.self) { try Incident(parsing: text) }
        if let why { #expect(error?.description == why) }
    }

    @Test func `half an incident is none`() {
        let text = FileTests.incidents()[0].text
        for share in 1..<10 {
            let half = String(text.prefix(text.count * share / 10))
            #expect(throws: Malformed.self) { try Incident(parsing: half) }
        }
    }

    @Test func `totals are read as they were written`() throws {
        var flight = Flight()
        flight.fallSilent()
        flight.die()
        var sessions = Sessions()
        sessions.note(flight.recorder.totals, of: .default)
        sessions.note(Totals(), of: try #require(CameraName("door")))
        #expect(try Sessions(parsing: sessions.text) == sessions)
        #expect(sessions[.default].attempts == 1 && sessions[.default].frames == 301)
        #expect(try Sessions(parsing: Sessions().text) == Sessions())
    }

    @Test(arguments: [
        ("", "it is no JSON: a value is missing at byte 0"),
        ("\0\0\0", "it is no JSON: a value is missing at byte 0"),
        ("{}", "its member version is missing or wrong"),
        (#"{"version":2,"cameras":{}}"#, "its member version is missing or wrong"),
        (#"{"version":1}"#, "its member cameras is missing or wrong"),
        (#"{"version":1,"cameras":{"a/b":{}}}"#, "its member cameras is missing or wrong"),
        (#"{"version":1,"cameras":{"a":{}}}"#, "its member frames is missing or wrong"),
        (#"{"version":1,"cameras":{"a":{"frames":1.5}}}"#, "its member frames is missing or wrong"),
        (#"{"version":1,"cameras":{"a":{"frames":-1}}}"#, "its member frames is missing or wrong"),
    ])
    func `what is no totals says why`(text: String, why: String) {
        let error = #expect(throws: Malformed.self) { try Sessions(parsing: text) }
        #expect(error?.description == why)
    }

    @Test func `names without number do not make a file without bound`() throws {
        var sessions = Sessions()
        for number in 0..<1000 { sessions.note(Totals(), of: try #require(CameraName("camera\(number)"))) }
        #expect(sessions.cameras.count == Sessions.mostCameras)
    }

    @Test func `the newest 500 are kept, and what is none of ours`() {
        let names = (0..<502).map { "20261120T1350\($0.padded(to: 2).suffix(2)).\(($0).padded(to: 3))Z.json" }.sorted()
        let others = ["README", "20261120T135000.123Z.json.AB12CD", "a.json", ".json"]
        #expect(Incident.surplus(among: (names + others).shuffled()) == Array(names.prefix(2)))
        #expect(Incident.surplus(among: Array(names.prefix(500))) == [])
    }
}

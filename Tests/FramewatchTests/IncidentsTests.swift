// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainLoop
import Telemetry
import Testing
import Text
import Timing

@testable import Incidents
@testable import framewatch

/// What the state directory keeps of incidents and totals, and how it is shown.
@Suite("Incidents that are kept", .timeLimit(.minutes(1)))
final class KeptIncidentsTests {
    let directory = FileManager.default.temporaryDirectory.appending(path: "framewatch-\(UUID().uuidString)").path
    var state: StateDirectory { StateDirectory(path: directory) }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    static func incident(of camera: String = "door", at second: Int64 = 0, remedy: String = "reconnect") throws
        -> Incident
    {
        Incident(
            camera: try #require(CameraName(camera)), began: WallTime(secondsSince1970: 1_795_182_600 + second),
            cause: "silence", ending: .recovered, remedy: remedy, secondsWithoutFrames: 12.5, attempts: 1,
            tried: [.init(at: 5, remedy: "reconnect")], samples: [.init(at: 0, frames: 1, fps: 30, age: 5)],
            events: [.init(at: 0, event: "silent", message: "❌ No frames for 5s! (failure #1)")])
    }

    func files(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(path)").sorted()
    }

    func put(_ text: String, in file: String) throws {
        let path = "\(directory)/\(file)"
        let above = URL(filePath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: above, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    // MARK: - Files

    @Test func `an incident is read as it was kept, for us alone`() throws {
        let incident = try Self.incident()
        try state.keep(incident)
        #expect(try state.cameras() == [incident.camera])
        #expect(try state.incidentNames(of: incident.camera) == [incident.name])
        #expect(try state.incident(incident.name, of: incident.camera) == incident)
        let file = "\(directory)/incidents/door/20261120T135000.000Z.json"
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
    }

    @Test func `the oldest go, beyond 500 of a camera`() throws {
        for second in Int64(0)..<501 { try put("", in: "incidents/door/\(try Self.incident(at: second).fileName)") }
        try put("", in: "incidents/door/README")
        try state.keep(Self.incident(at: 501))
        let kept = try files("incidents/door")
        #expect(kept.count == 501)
        #expect(kept.first == (try Self.incident(at: 2).fileName))
        #expect(kept.suffix(2) == [try Self.incident(at: 501).fileName, "README"])
    }

    @Test func `what a killed run left half written is removed, and nothing else`() throws {
        try state.keep(Self.incident())
        let kept = [
            "incidents/door/20261120T135000.000Z.json", "sessions.json", "sessions.json.broken-20261120T135000Z",
        ]
        for file in kept.dropFirst() { try put("", in: file) }
        try put("{", in: "incidents/door/20261120T135000.001Z.json.AB12CD")
        try put("{", in: "sessions.json.XYZ123")
        try state.removeDrafts()
        #expect(try files("incidents/door").map { "incidents/door/" + $0 } + files("").dropFirst() == kept)
    }

    @Test func `totals are there in the next run; receivers side by side have their own`() throws {
        #expect(try state.sessions() == nil)
        var sessions = Sessions()
        sessions.note(Totals(), of: .default)
        try state.keep(sessions, ofReceiver: 1)
        try state.keep(Sessions(), ofReceiver: 2)
        #expect(try state.sessions() == sessions)
        #expect(try state.sessions(ofReceiver: 2) == Sessions())
    }

    @Test(arguments: ["", "{", "\u{1F4BE}", #"{"version":7}"#, "[1,2,3]"])
    func `totals that cannot be read are set aside with a line`(text: String) throws {
        try put(text, in: "sessions.json")
        var told: [ServiceEvent] = []
        let time = WallTime(secondsSince1970: 1_795_182_600)
        #expect(state.sessionsOrNone(ofReceiver: 1, at: time) { told.append($0) } == Sessions())
        let aside = "sessions.json.broken-20261120T135000.000Z"
        #expect(try files("") == [aside])
        guard case .stateSetAside("\(directory)/sessions.json", "\(directory)/\(aside)", _)? = told.first else {
            Issue.record("told \(told)")
            return
        }
        #expect(state.sessionsOrNone(ofReceiver: 1, at: time) { told.append($0) } == Sessions())
        #expect(told.count == 1)
    }

    // MARK: - The command

    func shown(_ words: String...) throws -> ExecutableTests.Outcome {
        try ExecutableTests.framewatch(["incidents"] + words + ["--state-dir", directory])
    }

    @Test func `none yet is no mistake`() throws {
        let line = "There are no incidents in \(directory)/incidents.\n"
        #expect(try shown() == .init(status: 0, output: line, error: ""))
        #expect(try shown("--json") == .init(status: 0, output: "", error: ""))
    }

    @Test func `they are listed and shown, for people and for programs`() throws {
        let (first, second) = (try Self.incident(), try Self.incident(of: "yard", at: 60, remedy: "by itself"))
        for incident in [first, second] { try state.keep(incident) }
        let totals = #"{"frames":900,"requests":3,"recoveries":2,"incidents":1,"attempts":0}"#
        let sessions = try Sessions(parsing: #"{"version":1,"cameras":{"door":\#(totals)}}"#)
        try state.keep(sessions, ofReceiver: 1)
        let list = """
            #  began                camera  cause    helped     without frames
            1  2026-11-20 13:51:00  yard    silence  by itself          12.5 s
            1  2026-11-20 13:50:00  door    silence  reconnect          12.5 s

            cause    helped     times   share  without frames, median
            silence  by itself      1  50.0 %                  12.5 s
            silence  reconnect      1  50.0 %                  12.5 s

            camera  frames  requests  recoveries  incidents
            door       900         3           2          1

            """
        #expect(try shown() == .init(status: 0, output: list, error: ""))
        #expect(try shown("--json").output == "\(second.summary)\n\(first.summary)\n")
        #expect(try shown("door", "--json").output == "\(first.summary)\n")
        #expect(try shown("--json", "door", "1").output == first.text)
        #expect(try shown("door", first.name).output.contains("tried           reconnect after 5.0 s\n"))
    }

    @Test func `what is not there is told, with the way out`() throws {
        try state.keep(Self.incident())
        let camera = "framewatch: no incident of camera doro is kept; did you mean door?\n"
        #expect(try shown("doro") == .init(status: 69, output: "", error: camera))
        let number = "framewatch: door has no incident \"2\"; there are 1, and framewatch incidents door lists them\n"
        #expect(try shown("door", "2") == .init(status: 69, output: "", error: number))
    }

    @Test func `a file that is no incident is left out of the list, and says why when it is asked for`() throws {
        try state.keep(Self.incident())
        try put("{", in: "incidents/door/20261120T135001.000Z.json")
        let file = "\(directory)/incidents/door/20261120T135001.000Z.json"
        let outcome = try shown("door", "--json")
        #expect(outcome.output == (try Self.incident().summary) + "\n")
        #expect(outcome.status == 0 && outcome.error.hasPrefix("framewatch: left out \(file): it is no JSON: "))
        let asked = try shown("door", "1")
        #expect(asked.status == 69 && asked.error.hasPrefix("framewatch: cannot read \(file): it is no JSON: "))
    }

    @Test(
        arguments: [
            ([], nil, nil, .text), (["door"], "door", nil, .text), (["door", "3"], "door", "3", .text),
            (["--json", "door"], "door", nil, .json), (["door", "--json", "3"], "door", "3", .json),
            (["--json=no", "door"], "door", nil, .text), (["--state-dir", "s", "door"], "door", nil, .text),
            (["3"], "3", nil, .text),
        ] as [([String], String?, String?, IncidentsOptions.Output)])
    func `names and flags may stand in any order`(
        words: [String], camera: String?, incident: String?, output: IncidentsOptions.Output
    ) throws {
        let invocation = try Invocation(words: ["incidents"] + words, surroundings: Surroundings())
        guard case .incidents(let options) = invocation else { throw NotAllowed() }
        #expect(options.camera?.description == camera)
        #expect(options.incident == incident && options.output == output)
        let directory = words.contains("s") ? "s" : "/home/ann/.local/state/framewatch"
        #expect(options.configuration.stateDirectory == directory)
    }
}

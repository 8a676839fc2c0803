// SPDX-License-Identifier: Apache-2.0

import Telemetry
import Text

extension Incident {
    /// The content of its file.
    package var text: String { json(summaryOnly: false).text + "\n" }

    /// One line without samples and events.
    package var summary: String { json(summaryOnly: true).text }

    private func json(summaryOnly: Bool) -> JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(name), "camera": .string(camera.description), "began": .string(began.rfc3339),
            "began_seconds": .number(began.inSeconds), "utc_offset": .number(Double(began.utcOffset)),
            "cause": .string(cause), "ending": .string(ending.rawValue),
            "remedy": remedy.map(JSONValue.string) ?? .null,
            "seconds_without_frames": .number(secondsWithoutFrames), "attempts": .number(Double(attempts)),
            "tried": .array(tried.map { ["at": .number($0.at), "remedy": .string($0.remedy)] }),
        ]
        if !summaryOnly {
            members["samples"] = .array(samples.map(\.json))
            members["events"] = .array(events.map(\.json))
        }
        return .object(members)
    }

    /// Reads what `text` has written.
    package init(parsing text: String) throws(Malformed) {
        let fields = Fields(try JSONValue(parsingFile: text))
        guard let camera = CameraName(try fields.word("camera")) else { throw .wrong("camera") }
        guard let ending = Ending(rawValue: try fields.word("ending")) else { throw .wrong("ending") }
        self.camera = camera
        self.ending = ending
        began = WallTime(
            secondsSince1970: try fields.number("began_seconds"),
            utcOffset: Int32(clamping: try fields.count("utc_offset")))
        cause = try fields.word("cause")
        remedy = fields["remedy"] == .null ? nil : try fields.word("remedy")
        secondsWithoutFrames = try fields.number("seconds_without_frames")
        attempts = try fields.count("attempts")
        tried = try fields.list("tried") { fields throws(Malformed) in
            Attempt(at: try fields.number("at"), remedy: try fields.word("remedy"))
        }
        samples = try fields.list("samples") { fields throws(Malformed) in
            Sample(
                at: try fields.number("at"), frames: try fields.count("frames"), fps: try fields.number("fps"),
                age: try fields.number("age"))
        }
        events = try fields.list("events") { fields throws(Malformed) in
            Happening(
                at: try fields.number("at"), event: try fields.word("event"), message: try fields.word("message"))
        }
    }
}

extension Incident.Sample {
    fileprivate var json: JSONValue {
        ["at": .number(at), "frames": .number(Double(frames)), "fps": .number(fps), "age": .number(age)]
    }
}

extension Incident.Happening {
    fileprivate var json: JSONValue { ["at": .number(at), "event": .string(event), "message": .string(message)] }
}

extension WallTime {
    /// With milliseconds, which a number of JSON holds exactly enough.
    fileprivate var inSeconds: Double { Double(secondsSince1970) + Double(nanoseconds / 1_000_000) / 1000 }

    fileprivate init(secondsSince1970 time: Double, utcOffset: Int32) {
        let milliseconds = (min(max(time, -1e11), 1e12) * 1000).nearest ?? 0
        let seconds = milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
        self.init(
            secondsSince1970: seconds, nanoseconds: Int32(milliseconds - seconds * 1000) * 1_000_000,
            utcOffset: utcOffset)
    }
}

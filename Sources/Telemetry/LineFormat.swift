// SPDX-License-Identifier: Apache-2.0

import Text

/// Turns a record into a line, without the newline.
package struct LineFormat: Equatable, Sendable {
    package enum Face: String, CaseIterable, Sendable {
        /// `14:50:00 [INFO] 📹 Frame 60 | FPS: 30.0`
        case classic
        /// One JSON object a line.
        case json
    }

    /// Classic lines name the camera once there is more than one; JSON lines always do.
    package enum CameraNames: Sendable {
        case hidden, shown
    }

    package var face = Face.classic
    /// What matters less than this has no line.
    package var threshold = Level.info
    package var cameraNames = CameraNames.hidden

    package init() {}

    package func line(for record: Record) -> String? {
        let entry = record.event.entry
        guard entry.level >= threshold else { return nil }
        return switch face {
        case .classic: classic(entry, of: record)
        case .json: json(entry, of: record)
        }
    }

    private func classic(_ entry: Entry, of record: Record) -> String {
        var line = "\(record.time.timeOfDay) [\(entry.level.rawValue.uppercased())] "
        if cameraNames == .shown, let camera = record.camera { line += "[\(camera)] " }
        line += entry.message.text
        if record.times > 1 { line += " (\(record.times) times in the last second)" }
        return line
    }

    private func json(_ entry: Entry, of record: Record) -> String {
        var members: [(name: String, value: Entry.Value)] = [
            ("time", .text(record.time.rfc3339)), ("level", .text(entry.level.rawValue)), ("event", .text(entry.name)),
        ]
        if let camera = record.camera { members.append(("camera", .text(camera.description))) }
        members += entry.fields.map { ($0.key, $0.value) }
        if record.times > 1 { members.append(("times", .integer(record.times))) }
        return JSONValue.object(of: members.map { ($0.name, $0.value.asJSON) })
    }
}

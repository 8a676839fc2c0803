// SPDX-License-Identifier: Apache-2.0

import Text

/// What is counted of a camera from run to run.
package struct Totals: Equatable, Sendable {
    package internal(set) var frames = 0
    /// Fresh connections asked of it.
    package internal(set) var requests = 0
    package internal(set) var recoveries = 0
    package internal(set) var incidents = 0
    /// How often a fresh connection has been wanted since there were frames, or since it was given up.
    package internal(set) var attempts = 0

    package init() {}

    package func differsInMoreThanFrames(from other: Totals) -> Bool {
        var same = other
        same.frames = frames
        return self != same
    }
}

/// All cameras' totals, and the file that keeps them.
package struct Sessions: Equatable, Sendable {
    /// Whoever may connect can call a camera anything.
    static let mostCameras = 256

    package private(set) var cameras: [CameraName: Totals] = [:]

    package init() {}

    package subscript(camera: CameraName) -> Totals { cameras[camera] ?? Totals() }

    package mutating func note(_ totals: Totals, of camera: CameraName) {
        if cameras[camera] == nil && cameras.count >= Sessions.mostCameras { return }
        cameras[camera] = totals
    }
}

extension Sessions {
    private static let version = 1

    package var text: String {
        let members = cameras.map { ($0.key.description, $0.value.json) }
        let value: JSONValue = [
            "version": .number(Double(Sessions.version)), "cameras": .object(Dictionary(members) { $1 }),
        ]
        return value.text + "\n"
    }

    package init(parsing text: String) throws(Malformed) {
        let fields = Fields(try JSONValue(parsingFile: text))
        guard try fields.count("version") == Sessions.version else { throw .wrong("version") }
        for (name, value) in try fields.object("cameras") {
            guard let camera = CameraName(name) else { throw .wrong("cameras") }
            cameras[camera] = try Totals(Fields(value))
        }
    }
}

extension Totals {
    fileprivate var json: JSONValue {
        [
            "frames": .number(Double(frames)), "requests": .number(Double(requests)),
            "recoveries": .number(Double(recoveries)), "incidents": .number(Double(incidents)),
            "attempts": .number(Double(attempts)),
        ]
    }

    fileprivate init(_ fields: Fields) throws(Malformed) {
        frames = try fields.total("frames")
        requests = try fields.total("requests")
        recoveries = try fields.total("recoveries")
        incidents = try fields.total("incidents")
        attempts = try fields.total("attempts")
    }
}

// SPDX-License-Identifier: Apache-2.0

import Telemetry
import Text

/// One episode of trouble with a camera: what led to it, what was tried, and what helped.
///
/// Causes and remedies are words, so that those of other versions can be read, too. Times are seconds since `began`.
package struct Incident: Equatable, Sendable {
    package enum Ending: String, Sendable {
        case recovered
        case gaveUp = "gave_up"
        case paused
        /// Another camera got its place.
        case letGo = "let_go"
        /// The service ended first.
        case stopped
    }

    /// A remedy that was tried.
    package struct Attempt: Equatable, Sendable {
        package let at: Double
        package let remedy: String
    }

    /// The stream's numbers, once a second.
    package struct Sample: Equatable, Sendable {
        package internal(set) var at: Double
        /// All since the service began.
        package let frames: Int
        package let fps: Double
        /// Seconds since the last frame.
        package let age: Double
    }

    /// An event, by its name in the log's JSON and with the log's words.
    package struct Happening: Equatable, Sendable {
        package internal(set) var at: Double
        package let event: String
        package let message: String
    }

    package let camera: CameraName
    package let began: WallTime
    package let cause: String
    package let ending: Ending
    /// What helped, if anything did.
    package let remedy: String?
    package let secondsWithoutFrames: Double
    /// How often a fresh connection was wanted, in the runs before this one, too.
    package let attempts: Int
    /// The latest of them, and of what else was tried.
    package let tried: [Attempt]
    package let samples: [Sample]
    package let events: [Happening]
}

extension Incident {
    /// How many a camera keeps.
    package static let mostKept = 500

    /// What it is called; names sort as the incidents began.
    package var name: String { began.compact }

    package var fileName: String { name + Incident.suffix }

    private static let suffix = ".json"

    /// An incident's name by that of its file.
    package static func name(ofFile file: String) -> String? {
        guard file.hasSuffix(suffix), let first = file.utf8.first, first.isDigit else { return nil }
        return String(file.dropLast(suffix.count))
    }

    /// Of the files in a camera's directory those that are incidents beyond the number that is kept, the oldest.
    package static func surplus(among files: [String]) -> [String] {
        Array(files.filter { name(ofFile: $0) != nil }.sorted().dropLast(mostKept))
    }
}

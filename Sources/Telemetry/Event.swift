// SPDX-License-Identifier: Apache-2.0

import Text

/// Something that happened. Log lines, JSON lines and metrics are its faces.
///
/// Each part of the service has an enum of its own and says there, a row for each case, what its `Entry` is; `Metrics`
/// says what it counts. Their switches have no `default`, so that the compiler lists what a new case still lacks.
package enum Event: Equatable, Sendable {
    case receiver(ReceiverEvent)
    case relay(RelayEvent)
    case camera(CameraEvent)
    case service(ServiceEvent)

    /// Whether it shows that there is a camera: a viewer may wait for one that never comes.
    package var isOfCamera: Bool {
        switch self {
        case .relay(.connected(.camera)), .receiver(.offerReceived), .camera: true
        case .relay, .receiver, .service: false
        }
    }

    /// What the lines say about it.
    package var entry: Entry {
        switch self {
        case .receiver(let event): event.entry
        case .relay(let event): event.entry
        case .camera(let event): event.entry
        case .service(let event): event.entry
        }
    }
}

/// An event with its circumstances.
package struct Record: Equatable, Sendable {
    package let event: Event
    /// For what concerns one camera.
    package let camera: CameraName?
    package let time: WallTime
    /// More than 1 where it stands for that many within one second: see `Folding`.
    package internal(set) var times = 1

    package init(_ event: Event, camera: CameraName?, at time: WallTime) {
        self.event = event
        self.camera = camera
        self.time = time
    }
}

/// How much an event matters; its raw value is its name in the configuration and in JSON.
package enum Level: String, CaseIterable, Comparable, Sendable {
    case debug, info, warning, error

    package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}

/// A word of a closed set: a reason, a kind.
///
/// It is written in the source or is the raw value of an enum's case. What an outsider wrote can't become one, and so
/// metrics may use it as a label.
package struct Code: Hashable, Sendable, ExpressibleByStringLiteral {
    package let text: String

    package init(stringLiteral text: StaticString) { self.text = text.description }

    package init<Word: CaseIterable & RawRepresentable<String>>(_ word: Word) { text = word.rawValue }
}

// SPDX-License-Identifier: Apache-2.0

import Timing

/// What the watchdog promises.
package enum Property: Int, CaseIterable, Sendable, CustomStringConvertible {
    case detection = 1
    case restraint
    case oneAtATime
    case persistence
    case healing
    case progress
    case end
    case reports
    case calm

    package var description: String {
        switch self {
        case .detection: "a stream is declared dead 10 s after its last new frame, never earlier"
        case .restraint: "no request while the phone is paused, while an offer is negotiated, or without need"
        case .oneAtATime: "never two requests outstanding"
        case .persistence: "a failed attempt is followed by the next, 10, 30, 60, 120, 120... s later"
        case .healing: "once phone and network are well, frames flow within the next attempt"
        case .progress: "deadlines lie ahead, and a tick moves them on"
        case .end: "after the end nothing happens"
        case .calm: "once all is well there is one more request at most"
        case .reports: "every silence and every recovery is reported once, and as it was"
        }
    }
}

/// A promise that was broken.
package struct Violation: Equatable, Sendable, CustomStringConvertible {
    package let property: Property
    package let time: Instant
    package let expected: String
    /// What happened instead.
    package internal(set) var found = ""

    package var description: String {
        """
        \(time.clock)  violates \(property.rawValue): \(property)
          expected: \(expected)
          found:    \(found)
        """
    }
}

// SPDX-License-Identifier: Apache-2.0

import Timing

/// Finds dead sockets: pings after an `interval` in which nothing came, and gives up when nothing follows within
/// `limit`.
///
/// Anything that comes proves life, not only the pong: a phone's pong may be queued behind its pictures.
package struct Heartbeat: Equatable, Sendable {
    package enum Beat: Equatable, Sendable {
        case ping, dead
    }

    package static let interval = Duration.seconds(10)
    package static let limit = Duration.seconds(10)

    private var state: State

    private enum State: Equatable, Sendable {
        case resting(since: Instant)
        case asking(since: Instant)
        case dead
    }

    package init(openedAt now: Instant) { state = .resting(since: now) }

    package var nextDeadline: Instant? {
        switch state {
        case .resting(let since): since + Heartbeat.interval
        case .asking(let since): since + Heartbeat.limit
        case .dead: nil
        }
    }

    package func isDue(at now: Instant) -> Bool { nextDeadline.map { $0 <= now } ?? false }

    /// A pong came, or anything else.
    package mutating func heard(at now: Instant) {
        if state != .dead { state = .resting(since: now) }
    }

    /// Asks at once, unless a ping is out: the path may have changed.
    package mutating func ask(at now: Instant) -> Beat? {
        guard case .resting = state else { return nil }
        state = .asking(since: now)
        return .ping
    }

    package mutating func tick(at now: Instant) -> Beat? {
        guard isDue(at: now) else { return nil }
        switch state {
        case .resting: return ask(at: now)
        case .asking:
            state = .dead
            return .dead
        case .dead: return nil
        }
    }
}

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

    /// How often somebody is asked, and how long an answer may take.
    package struct Pace: Equatable, Sendable {
        let interval: Duration
        package let limit: Duration

        /// Of a relay: it answers at once, and another dial costs little.
        package static let relay = Pace(interval: .seconds(3), limit: .seconds(4))
        /// Of cameras and viewers, whose programs may be slow. It is their kernels that answer in a second.
        package static let peer = Pace(interval: .seconds(10), limit: .seconds(10))
    }

    /// A script can neither send pings nor see them, so it has a text for one. Other relays drop it.
    package static let textOfPing = #"{"type":"ping"}"#
    package static let textOfPong = #"{"type":"pong"}"#

    private let pace: Pace
    private var state: State

    private enum State: Equatable, Sendable {
        case resting(since: Instant)
        case asking(since: Instant)
        case dead
    }

    /// `lot`, in 0...1, moves the first ping forward, lest a thousand that came together all be pinged together.
    package init(_ pace: Pace, openedAt now: Instant, lot: Double = 0) {
        self.pace = pace
        state = .resting(since: now - pace.interval * lot)
    }

    package var nextDeadline: Instant? {
        switch state {
        case .resting(let since): since + pace.interval
        case .asking(let since): since + pace.limit
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

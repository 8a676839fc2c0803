// SPDX-License-Identifier: Apache-2.0

import Timing

/// Keeps one socket to a relay: dials, notices that a socket is dead, and dials again for ever.
///
/// 1. Each dial has a number that its socket's events carry; those of a socket that was given up are dropped.
/// 2. A dial that has not opened within `dialLimit` is given up, and so is an open socket that does not answer a ping.
/// 3. After a socket was lost, or never opened, the next dial waits: 1, 2, 4, 8, 15, then 30 s, with jitter. Where
///    nobody answers at all, it waits 1 s each time: the path may be back at any moment, and nobody is bothered.
/// 4. The waits start over only after a socket has worked for `steadyAfter`, so that a relay which accepts and drops is
///    not hammered.
/// 5. When the network comes back, a wait ends at once, and an open socket has to prove that it still works.
package struct RelayLinkCore: Sendable {
    package enum Event: Equatable, Sendable {
        case start
        case opened(dial: Int)
        /// It closed, failed, or never opened.
        case closed(dial: Int)
        /// It never opened, for all that we know because its path is black.
        case unanswered(dial: Int)
        /// A pong came, or anything else.
        case heard(dial: Int)
        case networkChanged
        case tick
        case shutdown
    }

    package enum Action: Equatable, Sendable {
        case dial(Int)
        case ping
        /// Abandon the socket without waiting for it.
        case drop(dial: Int)
        case announceRetry(in: Duration)
    }

    package static let waits = Backoff([1, 2, 4, 8, 15, 30].map { .seconds($0) })
    package static let dialLimit = Duration.seconds(10)
    package static let steadyAfter = Duration.seconds(10)

    private var state = State.idle
    private var lastDial = 0
    /// How many sockets in a row were short-lived.
    private var failures = 0

    private enum State: Sendable {
        case idle
        case dialing(until: Instant)
        case open(since: Instant, Heartbeat)
        case waiting(until: Instant)
        case shutDown
    }

    package init() {}

    /// When `tick` is next due, if nothing else happens before.
    package var nextDeadline: Instant? {
        switch state {
        case .dialing(let until), .waiting(let until): until
        case .open(_, let heartbeat): heartbeat.nextDeadline
        case .idle, .shutDown: nil
        }
    }

    /// Takes in what happened. `jitter`, in -1...1, is used only where a wait begins.
    package mutating func handle(_ event: Event, at now: Instant, jitter: Double) -> [Action] {
        switch event {
        case .start:
            guard case .idle = state else { return [] }
            return dial(at: now)
        case .opened(let dial): opened(dial, at: now)
        case .closed(let dial): return dial == lastDial ? lost(at: now, workedUntil: now, jitter: jitter) : []
        case .unanswered(let dial): return dial == lastDial ? unanswered(jitter: jitter, at: now) : []
        case .heard(let dial): if dial == lastDial { heard(at: now) }
        case .networkChanged: return networkChanged(at: now)
        case .tick: return tick(at: now, jitter: jitter)
        case .shutdown: return shutDown()
        }
        return []
    }

    private mutating func dial(at now: Instant) -> [Action] {
        lastDial += 1
        state = .dialing(until: now + RelayLinkCore.dialLimit)
        return [.dial(lastDial)]
    }

    private mutating func opened(_ dial: Int, at now: Instant) {
        guard dial == lastDial, case .dialing = state else { return }
        state = .open(since: now, Heartbeat(.relay, openedAt: now))
    }

    /// `workedUntil` is when it was last known to work.
    private mutating func lost(at now: Instant, workedUntil: Instant, jitter: Double) -> [Action] {
        switch state {
        case .open(let since, _) where since + RelayLinkCore.steadyAfter <= workedUntil: failures = 0
        case .open, .dialing: break
        case .idle, .waiting, .shutDown: return []
        }
        failures += 1
        return wait(RelayLinkCore.waits.delay(after: failures, jitter: jitter), at: now)
    }

    private mutating func unanswered(jitter: Double, at now: Instant) -> [Action] {
        guard case .dialing = state else { return [] }
        return wait(RelayLinkCore.waits.delay(after: 1, jitter: jitter), at: now)
    }

    private mutating func wait(_ wait: Duration, at now: Instant) -> [Action] {
        state = .waiting(until: now + wait)
        return [.announceRetry(in: wait)]
    }

    private mutating func heard(at now: Instant) {
        guard case .open(let since, var heartbeat) = state else { return }
        heartbeat.heard(at: now)
        state = .open(since: since, heartbeat)
    }

    private mutating func networkChanged(at now: Instant) -> [Action] {
        switch state {
        case .waiting: return dial(at: now)
        case .open(let since, var heartbeat):
            let beat = heartbeat.ask(at: now)
            state = .open(since: since, heartbeat)
            return beat == nil ? [] : [.ping]
        case .idle, .dialing, .shutDown: return []
        }
    }

    private mutating func tick(at now: Instant, jitter: Double) -> [Action] {
        switch state {
        case .dialing(let until): return until <= now ? giveUp(at: now, jitter: jitter) : []
        case .waiting(let until): return until <= now ? dial(at: now) : []
        case .open(let since, var heartbeat):
            let beat = heartbeat.tick(at: now)
            state = .open(since: since, heartbeat)
            switch beat {
            case nil: return []
            case .ping: return [.ping]
            case .dead: return giveUp(at: now, jitter: jitter)
            }
        case .idle, .shutDown: return []
        }
    }

    private mutating func giveUp(at now: Instant, jitter: Double) -> [Action] {
        // Nothing was heard since the last ping was due.
        let pace = Heartbeat.Pace.relay
        return [.drop(dial: lastDial)]
            + lost(at: now, workedUntil: now - pace.interval - pace.limit, jitter: jitter)
    }

    private mutating func shutDown() -> [Action] {
        defer { state = .shutDown }
        switch state {
        case .dialing, .open: return [.drop(dial: lastDial)]
        case .idle, .waiting, .shutDown: return []
        }
    }
}

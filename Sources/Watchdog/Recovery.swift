// SPDX-License-Identifier: Apache-2.0

import Timing

/// Remedies: which attempt is next, how long it waits, and whether there is one.
///
/// There is one remedy, a fresh connection. After a failed attempt the next one waits its rung of `retries`, and the
/// ladder goes back to its foot only after `steadyAfter` of frames.
struct Ladder: Sendable {
    private let policy: FrameWatchdog.Policy
    /// Requests made since frames were last steady.
    private(set) var attempts = 0
    /// The first of the frames that have come without a death between them.
    private var steadySince: Instant?

    init(policy: FrameWatchdog.Policy) { self.policy = policy }

    var isSpent: Bool { policy.maxAttempts.map { attempts >= $0 } ?? false }

    func delay(jitter: Double) -> Duration { policy.retries.delay(after: attempts, jitter: jitter) }

    mutating func climb() { attempts += 1 }

    mutating func frameCame(at now: Instant) {
        guard attempts > 0 else { return }
        let since = steadySince ?? now
        steadySince = since
        if since + policy.steadyAfter <= now { attempts = 0 }
    }

    /// Frames are due anew, and none of those that came before counts.
    mutating func begin() { steadySince = nil }
}

/// One trouble, from the first attempt to end it until frames come.
struct Recovery: Sendable {
    enum Stage: Sendable {
        /// A request is outstanding.
        case awaiting(until: Instant)
        case backingOff(until: Instant)
        case gaveUp
    }

    /// A connection that the camera offered since, and the time it is owed.
    enum FreshPeer: Sendable {
        case none
        case negotiating(until: Instant)
        case connected(until: Instant)
    }

    let trouble: FrameWatchdog.Trouble
    var stage: Stage
    var peer = FreshPeer.none

    var deadline: Instant? {
        switch stage {
        case .awaiting(let until): until
        case .backingOff(let until): max(until, patience ?? until)
        case .gaveUp: nil
        }
    }

    var patience: Instant? {
        switch peer {
        case .none: nil
        case .negotiating(let until), .connected(let until): until
        }
    }

    var hasGivenUp: Bool {
        if case .gaveUp = stage { true } else { false }
    }

    func isOwedTime(at now: Instant) -> Bool {
        patience.map { now < $0 } ?? false
    }
}

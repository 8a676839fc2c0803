// SPDX-License-Identifier: Apache-2.0

import Timing

/// Decides when an output's pipelines begin and end. They are numbered; what is told of one that is gone is ignored.
///
/// The rules:
///
/// 1. A pipeline begins when frames wait that none takes: the first, or one for a format that the present one cannot go
///    on with. That one is drained: it has `drainLimit` to bring to an end what it was given.
/// 2. One that fails, does not start within `startLimit`, or takes nothing for `stuckLimit` is torn down. If frames wait,
///    the next begins after a delay of `retries`. After `steadyAfter` without a fault those begin anew.
/// 3. What drains or is torn down still holds threads and memory, and a teardown can hang. While `mostLeaving` do, no
///    pipeline begins; if one is demanded all the same, and for `startLimit`, that is reported.
/// 4. Asked to end, it drains what runs; once everything is gone it has ended, and nothing happens any more.
struct OutputCore: Sendable {
    enum Event: Equatable, Sendable {
        /// Frames wait, and no pipeline takes them.
        case demanded
        case started(Int)
        case failed(Int)
        /// All that it was given came out at its end.
        case drained(Int)
        /// Its teardown is over.
        case gone(Int)
        case end
        /// `waitingSince` is when the present pipeline last took a frame, if others wait for it.
        case tick(waitingSince: Instant?)
    }

    enum Action: Equatable, Sendable {
        case begin(Int)
        case drain(Int)
        case tearDown(Int)
        /// It did not bring to an end what it was given.
        case reportUnfinished(Int)
        case reportFault(Reason, of: Int, retryIn: Duration)
        /// Frames wait, and none begins before one of those that drain or are torn down is gone.
        case reportBlocked
        case reportEnded
    }

    enum Reason: Equatable, Sendable {
        case failed
        case tooSlowToStart
        case stuck
    }

    struct Policy: Equatable, Sendable {
        var startLimit = Duration.seconds(10)
        var stuckLimit = Duration.seconds(30)
        var drainLimit = Duration.seconds(5)
        var steadyAfter = Duration.seconds(60)
        var mostLeaving = 2
        var retries = Backoff([.seconds(1), .seconds(2), .seconds(5), .seconds(15), .seconds(60)])
    }

    private enum Phase: Sendable {
        /// No pipeline, and nobody needs one.
        case idle
        case starting(Int, until: Instant)
        case running(Int, since: Instant, examined: Instant)
        case resting(until: Instant, isDemanded: Bool)
        /// One is demanded, but too many have not left; `until` that is to be reported.
        case blocked(until: Instant?)
        case ending
        case ended
    }

    let policy: Policy
    private var phase = Phase.idle
    private var last = 0
    private var faults = 0
    /// Those that may bring to an end what they were given, in their order.
    private var draining: [(number: Int, until: Instant)] = []
    private var dying: Set<Int> = []

    init(policy: Policy = Policy()) { self.policy = policy }

    var nextDeadline: Instant? {
        let own: Instant? =
            switch phase {
            case .starting(_, let until), .resting(let until, _): until
            case .running(_, _, let examined): examined + policy.stuckLimit
            case .blocked(let until): until
            case .idle, .ending, .ended: nil
            }
        return ([own] + draining.map(\.until)).compactMap(\.self).min()
    }

    mutating func handle(_ event: Event, at now: Instant, jitter: Double) -> [Action] {
        switch event {
        case .demanded: demanded(at: now)
        case .started(let number): started(number, at: now)
        case .failed(let number): failed(number, .failed, at: now, jitter: jitter)
        case .drained(let number): drained(number)
        case .gone(let number): gone(number, at: now)
        case .end: end(at: now)
        case .tick(let waitingSince): tick(waitingSince, at: now, jitter: jitter)
        }
    }

    private mutating func demanded(at now: Instant) -> [Action] {
        switch phase {
        case .idle: return begin(at: now)
        case .starting(let number, _), .running(let number, _, _): return drain(number, at: now) + begin(at: now)
        case .resting(let until, _):
            phase = .resting(until: until, isDemanded: true)
            return []
        case .blocked, .ending, .ended: return []
        }
    }

    private mutating func started(_ number: Int, at now: Instant) -> [Action] {
        if case .starting(number, _) = phase { phase = .running(number, since: now, examined: now) }
        return []
    }

    private mutating func failed(
        _ number: Int, _ reason: Reason, at now: Instant, jitter: Double
    ) -> [Action] {
        switch phase {
        case .running(number, let since, _):
            if since + policy.steadyAfter <= now { faults = 0 }
            return rest(after: reason, of: number, at: now, jitter: jitter)
        // The frames that it was for still wait.
        case .starting(number, _): return rest(after: reason, of: number, isDemanded: true, at: now, jitter: jitter)
        case .idle, .starting, .running, .resting, .blocked, .ending, .ended: return abandon(number)
        }
    }

    private mutating func abandon(_ number: Int) -> [Action] {
        let end = drained(number)
        return end.isEmpty ? [] : [.reportUnfinished(number)] + end
    }

    private mutating func rest(
        after reason: Reason, of number: Int, isDemanded: Bool = false, at now: Instant, jitter: Double
    ) -> [Action] {
        faults += 1
        let delay = policy.retries.delay(after: faults, jitter: jitter)
        phase = .resting(until: now + delay, isDemanded: isDemanded)
        return [.reportFault(reason, of: number, retryIn: delay)] + tearDown(number)
    }

    private mutating func drained(_ number: Int) -> [Action] {
        guard draining.contains(where: { $0.number == number }) else { return [] }
        draining.removeAll { $0.number == number }
        return tearDown(number)
    }

    private mutating func gone(_ number: Int, at now: Instant) -> [Action] {
        dying.remove(number)
        switch phase {
        case .blocked: return begin(at: now)
        case .ending: return endIfAllAreGone()
        case .idle, .starting, .running, .resting, .ended: return []
        }
    }

    private mutating func end(at now: Instant) -> [Action] {
        var actions: [Action] = []
        switch phase {
        case .starting(let number, _), .running(let number, _, _): actions = drain(number, at: now)
        case .idle, .resting, .blocked: break
        case .ending, .ended: return []
        }
        phase = .ending
        return actions + endIfAllAreGone()
    }

    private mutating func endIfAllAreGone() -> [Action] {
        guard draining.isEmpty && dying.isEmpty else { return [] }
        phase = .ended
        return [.reportEnded]
    }

    private mutating func tick(_ waitingSince: Instant?, at now: Instant, jitter: Double) -> [Action] {
        let late = draining.filter { $0.until <= now }.map(\.number)
        let actions = late.flatMap { abandon($0) }
        guard let due = nextDeadline, due <= now else { return actions }
        switch phase {
        case .starting(let number, _):
            return actions + failed(number, .tooSlowToStart, at: now, jitter: jitter)
        case .running(let number, let since, _):
            let lastTaken = waitingSince ?? now
            if lastTaken + policy.stuckLimit <= now {
                return actions + failed(number, .stuck, at: now, jitter: jitter)
            }
            phase = .running(number, since: since, examined: lastTaken)
            return actions
        case .resting(_, isDemanded: true): return actions + begin(at: now)
        case .resting(_, isDemanded: false): phase = .idle
        case .blocked:
            phase = .blocked(until: nil)
            return actions + [.reportBlocked]
        case .idle, .ending, .ended: break
        }
        return actions
    }

    private mutating func begin(at now: Instant) -> [Action] {
        guard draining.count + dying.count < policy.mostLeaving else {
            phase = .blocked(until: now + policy.startLimit)
            return []
        }
        last += 1
        phase = .starting(last, until: now + policy.startLimit)
        return [.begin(last)]
    }

    private mutating func drain(_ number: Int, at now: Instant) -> [Action] {
        draining.append((number, now + policy.drainLimit))
        return [.drain(number)]
    }

    private mutating func tearDown(_ number: Int) -> [Action] {
        dying.insert(number)
        return [.tearDown(number)]
    }
}

// SPDX-License-Identifier: Apache-2.0

import Timing

/// Decides when a stream is dead, asks for a fresh connection, and keeps asking until frames flow.
///
/// The rules:
///
/// 1. A frame is progress only when its timestamp differs from the one before. Frames are due from `connected` on.
/// 2. While frames are due, silence is reported at `warnAfter` and then each `checkEvery`. At `stallAfter` the stream
///    is dead and an attempt begins. Silence counts from the last progress, or from `connected` before the first.
/// 3. An attempt requests another connection. It begins at once for a stream that fell silent, an offer that never
///    connected, or an offer that was missed or refused. The old one is listened to until the other has frames, and if
///    its own come back that is recovery.
/// 4. A request is outstanding until a frame arrives (recovered) or `reconnectWait` passes (failed). There is never a
///    second one meanwhile. A peer that fails outright ends the attempt at once.
/// 5. After a failed attempt the next one waits its rung of `retries`, and longer where a fresh connection is still
///    owed its time: `negotiationLimit` from its offer, then `stallAfter` from `connected`.
/// 6. Offers that keep coming share one patience: together they have twice `negotiationLimit` from the first of them
///    until a frame comes, an attempt begins, or the camera pauses; then what was put off for them is due.
/// 7. The ladder goes back to its foot only after `steadyAfter` of frames. A peer that fails outright before that
///    waits its rung, so that a camera which connects and fails is not hammered.
/// 8. While the camera says that it is paused nothing is due, and that is no silence. A new offer ends the pause, and so
///    do frames that still arrive `stallAfter` later: then the word that would have ended it was lost. It may have been
///    lost, too, where an offer was missed. A recovery outlives the pause, its deadlines with it: what passed meanwhile
///    is due at once, but a camera that resumes is owed `stallAfter` for a frame as a fresh connection is.
/// 9. Who says goodbye may be about to offer anew, of itself or because it obeys a request late that its own offer has
///    overtaken. It is taken as failed only after `grace` without an offer; within `reconnectWait` of a request, when it
///    may be obeying, after `stallAfter`.
/// 10. An offer missed while frames are due casts doubt on them, and so does one that fails while an older connection
///    flows on: it is asked for after `grace` of silence, unless a frame or an offer comes first.
/// 11. Time that jumps ahead (the machine slept) is silence like any other; time that goes back is taken as standing.
/// 12. After `shutdown` nothing happens.
///
/// Before any event is handled, the frames that arrived before it must have been.
package struct FrameWatchdog: Sendable {
    package enum Event: Equatable, Sendable {
        /// A connection is being made.
        case offered
        /// Frames can come now. It may be said more than once.
        case connected
        /// A whole encoded frame arrived, with the sender's timestamp on it.
        case frame(timestamp: UInt32)
        /// The same, of a connection that is older than the one that was offered last.
        case olderFrame(timestamp: UInt32)
        /// The connection is lost for good.
        case failed
        /// The other end said goodbye.
        case gone
        /// A camera is there, but no connection is on its way: what it offered went by, or cannot be received.
        case missed(Trouble)
        case paused
        case resumed
        case tick
        case shutdown
    }

    package enum Action: Equatable, Sendable {
        case reportSilence(Duration, failure: Int)
        case declareDead(silence: Duration)
        /// Ask for a fresh connection.
        case attempt(Trouble, silence: Duration)
        case reportFailure(attempt: Int)
        case announceRetry(in: Duration)
        case giveUp(attempts: Int)
        case reportRecovery(silence: Duration)
    }

    /// Why an attempt began.
    package enum Trouble: String, CaseIterable, Sendable {
        case silence
        case negotiation
        case failure
        case gone
        case missedOffer = "missed_offer"
        case refusedOffer = "refused_offer"
    }

    package let policy: Policy
    private var phase = Phase.idle
    private var silence: Silence
    private var ladder: Ladder
    /// When the patience that offers share ends; the first of them sets it.
    private var lastCall: Instant?
    private var omen: Omen?
    private var lastRequest: Instant?
    private var latest = Instant(sinceOrigin: .zero)

    private enum Phase: Sendable {
        /// No peer, and nothing is due.
        case idle
        /// Meanwhile an older connection may flow on.
        case negotiating(until: Instant, besideFrames: Bool)
        /// Frames are due.
        case watching
        case recovering(Recovery)
        case paused(since: Instant, during: Recovery?)
        case shutDown
    }

    /// What tells, ahead of the silence, that the stream is over.
    private enum Omen: Sendable {
        case goodbye(until: Instant)
        case offer(Trouble)
    }

    package init(policy: Policy) {
        self.policy = policy
        silence = Silence(policy: policy)
        ladder = Ladder(policy: policy)
    }

    /// When `tick` is next due, if nothing else happens before.
    package var nextDeadline: Instant? { phaseDeadline.orEarlier(omenDeadline) }

    private var omenDeadline: Instant? {
        switch omen {
        case .goodbye(let until): until
        case .offer: silence.start + policy.grace
        case nil: nil
        }
    }

    private var phaseDeadline: Instant? {
        switch phase {
        case .negotiating(let until, _): until
        case .watching: silence.deadline
        case .recovering(let recovery): recovery.deadline
        case .idle, .paused, .shutDown: nil
        }
    }

    /// Takes in what happened. `jitter`, in -1...1, is used only where a retry is scheduled.
    package mutating func handle(_ event: Event, at time: Instant, jitter: Double) -> [Action] {
        let now = max(time, latest)
        latest = now
        if case .shutDown = phase { return [] }
        switch event {
        case .frame(let timestamp): return frame(timestamp, isOlder: false, at: now)
        case .olderFrame(let timestamp): return frame(timestamp, isOlder: true, at: now)
        case .tick: return tick(at: now, jitter: jitter)
        case .offered: offered(at: now)
        case .connected: connected(at: now)
        case .failed: return failed(.failure, at: now, jitter: jitter)
        case .gone: omen = .goodbye(until: now + patience(at: now))
        case .missed(let trouble): return missed(trouble, at: now, jitter: jitter)
        case .paused: paused(at: now)
        case .resumed: resumed(at: now)
        case .shutdown: (phase, omen) = (.shutDown, nil)
        }
        // What became due meanwhile must not wait for a tick that lies in the past.
        return tick(at: now, jitter: jitter)
    }

    // MARK: - Events

    private mutating func frame(_ timestamp: UInt32, isOlder: Bool, at now: Instant) -> [Action] {
        guard silence.takeTimestamp(timestamp) else { return [] }
        var actions: [Action] = []
        switch phase {
        case .watching: break
        case .negotiating(let until, _) where isOlder: phase = .negotiating(until: until, besideFrames: true)
        case .idle, .negotiating: watch(from: now)
        case .recovering(let recovery): actions = recovered(recovery, isOlder: isOlder, at: now)
        case .paused(let since, let recovery):
            guard since + policy.stallAfter <= now else { return [] }
            if let recovery { actions = recovered(recovery, isOlder: isOlder, at: now) } else { watch(from: now) }
        case .shutDown: return []
        }
        silence.begin(at: now)
        lastCall = nil
        omen = nil
        ladder.frameCame(at: now)
        return actions
    }

    private mutating func offered(at now: Instant) {
        silence.forgetTimestamp()
        omen = nil
        let lastCall = lastCall ?? now + policy.negotiationLimit * 2
        self.lastCall = lastCall
        let limit = min(now + policy.negotiationLimit, lastCall)
        switch phase {
        case .recovering(var recovery), .paused(_, during: var recovery?):
            recovery.peer = .negotiating(until: limit)
            phase = .recovering(recovery)
        case .idle, .paused(_, during: nil):
            silence.begin(at: now)
            phase = .negotiating(until: limit, besideFrames: false)
        case .negotiating(_, let besideFrames): phase = .negotiating(until: limit, besideFrames: besideFrames)
        case .watching: phase = .negotiating(until: limit, besideFrames: false)
        case .shutDown: break
        }
    }

    private mutating func connected(at now: Instant) {
        switch phase {
        case .idle, .negotiating: watch(from: now)
        case .recovering(var recovery):
            if case .connected = recovery.peer { return }
            recovery.peer = .connected(until: min(now, lastCall ?? now) + policy.stallAfter)
            phase = .recovering(recovery)
        // Said again: the silence goes on all the same.
        case .watching, .paused, .shutDown: break
        }
    }

    private mutating func failed(_ trouble: Trouble, at now: Instant, jitter: Double) -> [Action] {
        omen = nil
        switch phase {
        case .negotiating(_, besideFrames: true) where silence.length(at: now) < policy.grace:
            phase = .watching
            return missed(trouble, at: now, jitter: jitter)
        case .negotiating, .watching:
            return ladder.attempts == 0
                ? attempt(trouble, at: now) : backOff(trouble, owing: .none, at: now, jitter: jitter)
        case .recovering(var recovery):
            recovery.peer = .none
            phase = .recovering(recovery)
            // What waited only because that peer was owed its time is due now.
            guard case .awaiting = recovery.stage else { return tick(at: now, jitter: jitter) }
            return attemptFailed(recovery, at: now, jitter: jitter)
        case .idle, .paused, .shutDown: return []
        }
    }

    private mutating func missed(_ trouble: Trouble, at now: Instant, jitter: Double) -> [Action] {
        switch phase {
        case .idle, .paused(_, during: nil):
            silence.begin(at: now)
            return attempt(trouble, at: now)
        case .recovering(let recovery), .paused(_, during: let recovery?):
            phase = .recovering(recovery)
            if recovery.hasGivenUp || recovery.isOwedTime(at: now) { return tick(at: now, jitter: jitter) }
            // The request that may be outstanding went down with a socket, ours or the camera's.
            return attempt(trouble, at: now)
        case .watching:
            omen = .offer(trouble)
            return tick(at: now, jitter: jitter)
        // The connection tells for itself, whatever happened to the signaling.
        case .negotiating, .shutDown: return []
        }
    }

    /// What is given to who says goodbye. So soon after a request it obeys, and takes its time to offer again.
    private func patience(at now: Instant) -> Duration {
        let mayObey = lastRequest.map { now < $0 + policy.reconnectWait } ?? false
        return mayObey ? policy.stallAfter : policy.grace
    }

    private mutating func paused(at now: Instant) {
        lastCall = nil
        omen = nil
        switch phase {
        case .recovering(let recovery), .paused(_, during: let recovery?):
            phase = .paused(since: now, during: recovery)
        case .idle, .negotiating, .watching, .paused(_, during: nil): phase = .paused(since: now, during: nil)
        case .shutDown: break
        }
    }

    private mutating func resumed(at now: Instant) {
        switch phase {
        case .paused(_, during: var recovery?):
            recovery.peer = .connected(until: now + policy.stallAfter)
            phase = .recovering(recovery)
        case .paused(_, during: nil): watch(from: now)
        case .idle, .negotiating, .watching, .recovering, .shutDown: break
        }
    }

    private mutating func tick(at now: Instant, jitter: Double) -> [Action] {
        if let omen, let due = omenDeadline, due <= now { return comesTrue(omen, at: now, jitter: jitter) }
        guard let deadline = phaseDeadline, deadline <= now else { return [] }
        switch phase {
        case .negotiating(_, besideFrames: true) where silence.length(at: now) < policy.stallAfter:
            phase = .watching
            return tick(at: now, jitter: jitter)
        case .negotiating: return attempt(.negotiation, at: now)
        case .watching: return lookAtSilence(at: now)
        case .recovering(let recovery):
            switch recovery.stage {
            case .awaiting: return attemptFailed(recovery, at: now, jitter: jitter)
            case .backingOff: return attempt(recovery.trouble, at: now)
            case .gaveUp: return []
            }
        case .idle, .paused, .shutDown: return []
        }
    }

    // MARK: - What follows from them

    private mutating func watch(from now: Instant) {
        phase = .watching
        silence.begin(at: now)
        ladder.begin()
    }

    private mutating func recovered(_ recovery: Recovery, isOlder: Bool, at now: Instant) -> [Action] {
        let length = silence.length(at: now)
        watch(from: now)
        if isOlder, case .negotiating(let until) = recovery.peer {
            phase = .negotiating(until: until, besideFrames: true)
        }
        return [.reportRecovery(silence: length)]
    }

    private mutating func comesTrue(_ omen: Omen, at now: Instant, jitter: Double) -> [Action] {
        switch omen {
        case .goodbye: failed(.gone, at: now, jitter: jitter)
        case .offer(let trouble): attempt(trouble, at: now)
        }
    }

    private mutating func lookAtSilence(at now: Instant) -> [Action] {
        switch silence.finding(at: now) {
        case .silent(let length, let failure): [.reportSilence(length, failure: failure)]
        case .dead(let length): [.declareDead(silence: length)] + attempt(.silence, at: now)
        }
    }

    private mutating func attempt(_ trouble: Trouble, at now: Instant) -> [Action] {
        omen = nil
        if ladder.isSpent { return giveUp(trouble, owing: .none) }
        ladder.climb()
        lastRequest = now
        lastCall = nil
        phase = .recovering(Recovery(trouble: trouble, stage: .awaiting(until: now + policy.reconnectWait)))
        return [.attempt(trouble, silence: silence.length(at: now))]
    }

    private mutating func attemptFailed(_ recovery: Recovery, at now: Instant, jitter: Double) -> [Action] {
        [.reportFailure(attempt: ladder.attempts)]
            + backOff(recovery.trouble, owing: recovery.peer, at: now, jitter: jitter)
    }

    private mutating func backOff(
        _ trouble: Trouble, owing peer: Recovery.FreshPeer, at now: Instant, jitter: Double
    ) -> [Action] {
        if ladder.isSpent { return giveUp(trouble, owing: peer) }
        let delay = ladder.delay(jitter: jitter)
        phase = .recovering(Recovery(trouble: trouble, stage: .backingOff(until: now + delay), peer: peer))
        return [.announceRetry(in: delay)]
    }

    private mutating func giveUp(_ trouble: Trouble, owing peer: Recovery.FreshPeer) -> [Action] {
        phase = .recovering(Recovery(trouble: trouble, stage: .gaveUp, peer: peer))
        return [.giveUp(attempts: ladder.attempts)]
    }
}

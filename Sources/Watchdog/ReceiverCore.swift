// SPDX-License-Identifier: Apache-2.0

import Timing

/// All that is decided about one camera: its watchdog and the conversation with it, joined.
///
/// The rules:
///
/// 1. What one says the other hears, until neither has more to say; only then comes the next event. Nobody is told
///    anything while it speaks.
/// 2. What is to be done and what is reported come apart. Reports steer nothing.
/// 3. Frames that came before an event must have been told before it, each with the time at which it came.
/// 4. The conversation hears of which connection frames come, whenever that changes or they come again.
/// 5. After `shutdown` nothing happens.
package struct ReceiverCore<Talk: Conversation>: Sendable {
    package enum Event: Sendable {
        /// A whole encoded frame arrived, with the sender's timestamp on it.
        case frame(timestamp: UInt32, session: Int)
        case conversation(Talk.Event)
        case tick
        case shutdown
    }

    package enum Report: Sendable {
        case watch(Watch)
        case conversation(Talk.Report)
    }

    /// What the watchdog was told, what it said to that, and when it wants to be told again.
    package struct Watch: Sendable {
        package let event: FrameWatchdog.Event
        package let actions: [FrameWatchdog.Action]
        package let nextDeadline: Instant?
    }

    package struct Outcome: Sendable {
        package var actions: [Talk.Action] = []
        package var reports: [Report] = []
    }

    private enum Word {
        case watch(FrameWatchdog.Event)
        case hear(Talk.Event)
        case carryOut(SourceOrder)
        case tick
    }

    package private(set) var talk: Talk
    private var watchdog: FrameWatchdog
    /// The connection that frames last came of, since an attempt.
    private var flowing: Int?
    private var isOver = false

    package init(policy: FrameWatchdog.Policy, talk: Talk) {
        watchdog = FrameWatchdog(policy: policy)
        self.talk = talk
    }

    /// When `tick` is next due, if nothing else happens before.
    package var nextDeadline: Instant? {
        isOver ? nil : watchdog.nextDeadline.orEarlier(talk.nextDeadline)
    }

    /// Takes in what happened. `jitter`, in -1...1, is used only where a retry is scheduled.
    package mutating func handle(_ event: Event, at now: Instant, jitter: Double) -> Outcome {
        var outcome = Outcome()
        if isOver { return outcome }
        var words: [Word] = []
        switch event {
        case .frame(let timestamp, let session):
            let isOlder = talk.session.map { session < $0 } ?? false
            let frame: FrameWatchdog.Event =
                isOlder ? .olderFrame(timestamp: timestamp) : .frame(timestamp: timestamp)
            let actions = watchdog.handle(frame, at: now, jitter: jitter)
            // Hardly a frame has consequences, and those that have none cost nothing here.
            if actions.isEmpty && session == flowing { return outcome }
            if !actions.isEmpty { note(actions, after: frame, &outcome, &words) }
            flowing = session
            words.append(.carryOut(.settle(session: session)))
        case .conversation(let event): words = [.hear(event)]
        case .tick:
            // Each by itself: what the watchdog asks for may be just what the conversation missed.
            words = [.watch(.tick)]
            finish(&words, at: now, jitter: jitter, &outcome)
            words = [.tick]
        case .shutdown:
            isOver = true
            words = [.watch(.shutdown), .carryOut(.close)]
        }
        finish(&words, at: now, jitter: jitter, &outcome)
        return outcome
    }

    /// Says what is to be said, in order, and what follows from it, until nothing does.
    private mutating func finish(_ words: inout [Word], at now: Instant, jitter: Double, _ outcome: inout Outcome) {
        var next = 0
        while next < words.count {
            switch words[next] {
            case .watch(let event):
                let actions = watchdog.handle(event, at: now, jitter: jitter)
                note(actions, after: event, &outcome, &words)
            case .hear(let event): take(talk.hear(event, at: now), &outcome, &words)
            case .carryOut(let order): take(talk.carryOut(order, at: now), &outcome, &words)
            case .tick: take(talk.tick(at: now), &outcome, &words)
            }
            next += 1
        }
    }

    private mutating func note(
        _ actions: [FrameWatchdog.Action], after event: FrameWatchdog.Event, _ outcome: inout Outcome,
        _ words: inout [Word]
    ) {
        outcome.reports.append(.watch(Watch(event: event, actions: actions, nextDeadline: watchdog.nextDeadline)))
        for action in actions {
            guard let order = action.order else { continue }
            if case .reopen = order { flowing = nil }
            words.append(.carryOut(order))
        }
    }

    private func take(_ steps: [Talk.Step], _ outcome: inout Outcome, _ words: inout [Word]) {
        for step in steps {
            switch step {
            case .act(let action): outcome.actions.append(action)
            case .tell(let event): words.append(.watch(event))
            case .report(let report): outcome.reports.append(.conversation(report))
            }
        }
    }
}

extension FrameWatchdog.Action {
    /// What it asks of the source.
    fileprivate var order: SourceOrder? {
        switch self {
        case .attempt(let trouble, let silence): .reopen(trouble, silence: silence)
        case .reportFailure: .noteFailure
        case .reportSilence, .declareDead, .announceRetry, .giveUp, .reportRecovery: nil
        }
    }
}

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
/// 4. After `shutdown` nothing happens.
package struct ReceiverCore<Talk: Conversation>: Sendable {
    package enum Event: Sendable {
        /// A whole encoded frame arrived, with the sender's timestamp on it.
        case frame(timestamp: UInt32)
        case conversation(Talk.Event)
        case tick
        case shutdown
    }

    package enum Report: Sendable {
        /// What the watchdog was told, and what it said to that.
        case watch(FrameWatchdog.Event, [FrameWatchdog.Action])
        case conversation(Talk.Report)
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
    private var isOver = false

    package init(policy: FrameWatchdog.Policy, talk: Talk) {
        watchdog = FrameWatchdog(policy: policy)
        self.talk = talk
    }

    /// When `tick` is next due, if nothing else happens before.
    package var nextDeadline: Instant? {
        isOver ? nil : [watchdog.nextDeadline, talk.nextDeadline].compactMap(\.self).min()
    }

    /// Takes in what happened. `jitter`, in -1...1, is used only where a retry is scheduled.
    package mutating func handle(_ event: Event, at now: Instant, jitter: Double) -> Outcome {
        var outcome = Outcome()
        if isOver { return outcome }
        // A value is handled before what follows from it, and that in its order.
        var words = start(with: event)
        var next = 0
        while next < words.count {
            switch words[next] {
            case .watch(let event):
                let actions = watchdog.handle(event, at: now, jitter: jitter)
                outcome.reports.append(.watch(event, actions))
                for action in actions { if let order = action.order { words.append(.carryOut(order)) } }
            case .hear(let event): take(talk.hear(event, at: now), &outcome, &words)
            case .carryOut(let order): take(talk.carryOut(order, at: now), &outcome, &words)
            case .tick: take(talk.tick(at: now), &outcome, &words)
            }
            next += 1
        }
        return outcome
    }

    private mutating func start(with event: Event) -> [Word] {
        switch event {
        case .frame(let timestamp): return [.watch(.frame(timestamp: timestamp))]
        case .conversation(let event): return [.hear(event)]
        case .tick: return [.tick, .watch(.tick)]
        case .shutdown:
            isOver = true
            return [.watch(.shutdown), .carryOut(.close)]
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
        case .closePeer: .close
        case .requestReconnect(let trouble, let silence): .reopen(reason: trouble.reason(after: silence))
        case .announceRetry: .noteFailure
        case .reportSilence, .declareDead, .preparePeer, .reportFailure, .giveUp, .reportRecovery: nil
        }
    }
}

extension FrameWatchdog.Trouble {
    /// What the camera's side is told of a request.
    func reason(after silence: Duration) -> String {
        switch self {
        case .silence: "No frames for \(silence.wholeSeconds)s"
        case .negotiation: "No connection"
        case .failure: "Connection failed"
        case .gone: "Camera closed the connection"
        case .missedOffer: "Joined after the offer"
        case .refusedOffer: "Offer refused"
        }
    }
}

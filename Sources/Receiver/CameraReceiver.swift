// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Media
import Telemetry
import Timing
import Watchdog

/// Receives one camera for as long as there is the camera: what happens is told to its core, and what that says is done
/// by its source. It decides nothing.
@MainLoop
final class CameraReceiver<Source: CameraSource> {
    private typealias Core = ReceiverCore<Source.Talk>

    private let policy: FrameWatchdog.Policy
    private let report: (ReceiverEvent) -> Void
    private let tap = FrameTap()
    private let stream = CameraStream()
    private let started = MainLoop.now
    private var core: Core
    private var source: Source?
    private var deadline: Deadline?
    /// What happened while the last event was still at work.
    private var waiting: [Core.Event] = []
    private var isAtWork = false

    init(
        _ policy: FrameWatchdog.Policy, _ talk: Source.Talk, report: @escaping @MainLoop (ReceiverEvent) -> Void,
        source make: (FrameTap, CameraStream, _ hear: @escaping @MainLoop (Source.Talk.Event) -> Void) -> Source
    ) {
        self.policy = policy
        self.report = report
        core = Core(policy: policy, talk: talk)
        deadline = Deadline { [weak self] in self?.handle(.tick) }
        tap.announceReadings { [weak self] in self?.read($0) }
        tap.announceBeginnings { [weak self] in self?.handle(.tick) }
        source = make(tap, stream) { [weak self] in self?.handle(.conversation($0)) }
    }

    /// Lets the camera go; nothing is reported from then on but the end of its connection.
    func close() {
        handle(.shutdown)
        source?.stop()
        source = nil
    }

    /// When the camera last showed that it lives; before it ever did, when it was first looked for.
    var lastSign: Instant { tap.lastArrival ?? started }

    /// The stream's numbers so far.
    func reading(at now: Instant) -> StreamReading {
        let meter = tap.meter
        return StreamReading(
            frames: meter.total, fps: meter.fps(at: now), lastFrameAge: tap.lastArrival.map { $0.duration(to: now) },
            intervals: meter.intervals)
    }

    private func read(_ reading: FrameMeter.Reading) {
        report(.frames(total: reading.total, fps: reading.fps))
        // Frames may be what ends a pause, and no deadline waits for them then.
        handle(.tick)
    }

    /// Tells the core, and finishes what follows before the next event: what is done can make things happen.
    private func handle(_ event: Core.Event) {
        waiting.append(event)
        guard !isAtWork else { return }
        isAtWork = true
        defer { isAtWork = false }
        while !waiting.isEmpty {
            // The frames that came before it are told first.
            if let progress = tap.drain() {
                tell(
                    .frame(timestamp: progress.latest.timestamp, session: progress.latest.session),
                    at: progress.latest.at)
            }
            tell(waiting.removeFirst(), at: MainLoop.now)
        }
        deadline?.arm(at: core.nextDeadline)
    }

    private func tell(_ event: Core.Event, at time: Instant) {
        let outcome = core.handle(event, at: time, jitter: .random(in: -1...1))
        for news in outcome.reports {
            switch news {
            case .watch(let watch): for action in watch.actions { report(of: action) }
            case .conversation(let news): source?.report(news)
            }
        }
        for action in outcome.actions { source?.perform(action) }
    }

    private func report(of action: FrameWatchdog.Action) {
        switch action {
        case .reportSilence(let silence, let failure): report(.silent(silence, failure: failure))
        case .declareDead(let silence): report(.dead(after: silence))
        case .attempt(let trouble, _):
            // The old connection may come back to life.
            tap.awaitFrame()
            report(.closingPeer)
            report(.creatingPeer)
            report(core.talk.hasListener ? .reconnectRequested(Code(trouble)) : .nobodyToAsk(Code(trouble)))
            report(.awaitingReconnect(policy.reconnectWait))
        case .reportFailure(let attempt): report(.reconnectFailed(attempt: attempt))
        case .announceRetry(let wait): report(.retryScheduled(in: wait))
        case .giveUp(let attempts): report(.gaveUp(attempts: attempts))
        case .reportRecovery(let silence): report(.recovered(silence: silence))
        }
    }
}

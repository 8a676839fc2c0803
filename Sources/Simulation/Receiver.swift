// SPDX-License-Identifier: Apache-2.0

import Timing
import Watchdog

/// The receiver as its driver will be, around the real watchdog and meter.
struct Receiver: Sendable {
    struct Peer: Sendable {
        let session: Int
        let connection: Int
    }

    private(set) var watchdog: FrameWatchdog
    private(set) var meter = FrameMeter()
    /// When the watchdog wants its tick.
    private(set) var deadline = Instant.never
    var isRunning = true
    private(set) var peer: Peer?
    /// Whether an offer came, was asked for, or is not to be expected, since the socket opened.
    var knowsOfOffer = false
    private var sessions = 0

    init(policy: FrameWatchdog.Policy) {
        watchdog = FrameWatchdog(policy: policy)
    }

    mutating func answer(_ connection: Int) {
        sessions += 1
        peer = Peer(session: sessions, connection: connection)
        meter.restart()
    }

    mutating func closePeer() {
        peer = nil
    }

    mutating func restart() {
        isRunning = true
        watchdog = FrameWatchdog(policy: watchdog.policy)
        meter = FrameMeter()
    }

    mutating func stop() {
        isRunning = false
        peer = nil
        deadline = .never
    }

    mutating func handle(_ event: FrameWatchdog.Event, at now: Instant, jitter: Double) -> [FrameWatchdog.Action] {
        let actions = watchdog.handle(event, at: now, jitter: jitter)
        deadline = watchdog.nextDeadline ?? .never
        return actions
    }

    mutating func count(at now: Instant) -> FrameMeter.Reading? {
        meter.record(at: now)
    }
}

extension World {
    mutating func receiverHears(_ message: Message) {
        switch message {
        case .offer(let connection):
            receiver.knowsOfOffer = true
            receiver.answer(connection)
            tell(.offered)
            send(.answer(connection), on: .viewer, .toRelay)
        case .paused:
            receiver.knowsOfOffer = true
            tell(.paused)
        case .resumed: tell(.resumed)
        case .answer, .reconnect: break
        }
    }

    /// Tells the watchdog, and does as it says.
    mutating func tell(_ event: FrameWatchdog.Event) {
        let actions = receiver.handle(event, at: now, jitter: receiverDice.jitter())
        checker.observe(event, at: now, actions, deadline: receiver.deadline)
        for action in actions { obey(action) }
    }

    mutating func obey(_ action: FrameWatchdog.Action) {
        switch action {
        case .closePeer: receiver.closePeer()
        case .requestReconnect:
            receiver.knowsOfOffer = true
            if viewer.isOpen { send(.reconnect, on: .viewer, .toRelay) } else { checker.noteSocketLost() }
        case .preparePeer, .reportSilence, .declareDead, .reportFailure, .announceRetry, .giveUp, .reportRecovery: break
        }
    }

    /// The news of a peer's state takes the way over the loop: a frame may be there first. ICE says `connected`, and
    /// later perhaps `completed`, which is the same to us.
    mutating func receiverWillNotice(_ event: FrameWatchdog.Event, of peer: Receiver.Peer) {
        let delay = receiverDice.milliseconds(receiverDice.chance(1, in: 8) ? 0...1_500 : 0...50)
        plan(.peerNews(event, session: peer.session), at: now + delay)
        if event == .connected && receiverDice.chance(1, in: 4) {
            plan(.peerNews(event, session: peer.session), at: now + delay + receiverDice.milliseconds(0...30_000))
        }
    }

    mutating func receiverNotices(_ event: FrameWatchdog.Event, session: Int) {
        guard receiver.peer?.session == session else { return }
        if event == .failed { receiver.closePeer() }
        tell(event)
    }

    mutating func consentExpires(session: Int) {
        let isBlackForLong = network.blackSince.map { $0 + .seconds(45) <= now } ?? false
        if isBlackForLong || !phone.isConnected { receiverNotices(.failed, session: session) }
    }

    mutating func receiverJoined() {
        receiver.knowsOfOffer = false
        plan(.offerIsLate(socket: viewer.number), at: now + .seconds(2))
    }

    mutating func offerIsLate(socket: Int) {
        guard viewer.number == socket, camera.isOpen, !receiver.knowsOfOffer else { return }
        tell(.offerMissed)
    }

    mutating func receiverStops(for length: Duration) {
        guard receiver.isRunning else { return }
        receiver.stop()
        closes(.viewer)
        checker.restart()
        plan(.receiverStarts, at: now + length)
    }

    mutating func receiverStarts() {
        receiver.restart()
        redial(.viewer, within: 50...1_000)
    }
}

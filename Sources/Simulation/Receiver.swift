// SPDX-License-Identifier: Apache-2.0

import Signaling
import Timing
import Watchdog

/// The receiver as its driver will be, around the real watchdog, meter and session.
struct Receiver: Sendable {
    struct Peer: Sendable {
        let session: Int
        let connection: Int
    }

    private(set) var watchdog: FrameWatchdog
    var session = Receiver.newSession
    private(set) var meter = FrameMeter()
    /// When the watchdog wants its tick.
    private(set) var deadline = Instant.never
    var isRunning = true
    private(set) var peer: Peer?

    private static var newSession: ViewerSession { ViewerSession(name: "receiver", preferring: VideoCodec.allCases) }

    init(policy: FrameWatchdog.Policy) {
        watchdog = FrameWatchdog(policy: policy)
    }

    mutating func answer(_ fresh: Peer) {
        peer = fresh
        meter.restart()
    }

    mutating func closePeer() {
        peer = nil
    }

    mutating func restart() {
        isRunning = true
        watchdog = FrameWatchdog(policy: watchdog.policy)
        meter = FrameMeter()
        session = Receiver.newSession
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
    /// Tells the viewer's session, and does as it says.
    mutating func tellSession(_ event: ViewerSession.Event) {
        guard receiver.isRunning else { return }
        for action in receiver.session.handle(event, at: now) { obey(action) }
        if let due = receiver.session.nextDeadline { plan(.viewerTick, at: due) }
    }

    private mutating func obey(_ action: ViewerSession.Action) {
        switch action {
        case .send(let message): send(message.json.text, on: .viewer, .toRelay)
        case .createAnswer(let session, let negotiation):
            guard let connection = negotiation.received.connection else { return }
            receiver.answer(Receiver.Peer(session: session, connection: connection))
            plan(.answerIsReady(connection), at: now + receiverDice.milliseconds(1...60))
            tell(.offered)
        case .closePeer: receiver.closePeer()
        case .reportMissedOffer: tell(.offerMissed)
        case .reportLostSession: tell(.failed)
        case .reportPaused: tell(.paused)
        case .reportResumed: tell(.resumed)
        case .renegotiate, .addCandidate, .ping, .reportRefusedOffer, .reportDroppedCandidate: break
        }
    }

    mutating func answerIsReady(_ connection: Int) {
        guard let peer = receiver.peer, peer.connection == connection else { return }
        tellSession(.answerReady(session: peer.session, sdp: SessionDescription.text(of: connection)))
    }

    /// Tells the watchdog, and does as it says.
    mutating func tell(_ event: FrameWatchdog.Event) {
        let actions = receiver.handle(event, at: now, jitter: receiverDice.jitter())
        checker.observe(event, at: now, actions, deadline: receiver.deadline)
        for action in actions { obey(action) }
    }

    private mutating func obey(_ action: FrameWatchdog.Action) {
        switch action {
        case .closePeer: closePeer()
        case .requestReconnect(let trouble, _):
            tellSession(.reconnect(reason: trouble.rawValue))
            for line in [Line.camera, .viewer] where !self[line].isOpen { checker.noteLoss(of: line) }
        case .preparePeer, .reportSilence, .declareDead, .reportFailure, .announceRetry, .giveUp, .reportRecovery: break
        }
    }

    private mutating func closePeer() {
        receiver.closePeer()
        tellSession(.peerClosed)
    }

    /// The news of a peer's state takes the way over the loop: a frame may be there first. ICE says `connected`, and
    /// later perhaps `completed`, which is the same to us.
    mutating func receiverWillNotice(_ event: FrameWatchdog.Event, of peer: Receiver.Peer) {
        let delay = receiverDice.milliseconds(receiverDice.chance(1, in: 8) ? 0...1_500 : 0...50)
        plan(.peerNews(event, of: peer.connection), at: now + delay)
        if event == .connected && receiverDice.chance(1, in: 4) {
            plan(.peerNews(event, of: peer.connection), at: now + delay + receiverDice.milliseconds(0...30_000))
        }
    }

    mutating func receiverNotices(_ event: FrameWatchdog.Event, of connection: Int) {
        guard receiver.peer?.connection == connection else { return }
        if event == .failed { closePeer() }
        tell(event)
    }

    mutating func consentExpires(of connection: Int) {
        let isBlackForLong = network.blackSince.map { $0 + .seconds(45) <= now } ?? false
        if isBlackForLong || !phone.isConnected { receiverNotices(.failed, of: connection) }
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

// SPDX-License-Identifier: Apache-2.0

import Signaling
import Timing
import Watchdog

/// The receiver as it is in the service, around the same core and meter.
struct Receiver: Sendable {
    struct Peer: Sendable {
        let session: Int
        let connection: Int
        /// Since when another is to take its place.
        var retiredAt: Instant?
    }

    private let policy: FrameWatchdog.Policy
    private(set) var core: ReceiverCore<ViewerConversation>
    private(set) var meter = FrameMeter()
    /// When the core wants its tick.
    private(set) var deadline = Instant.never
    private(set) var isRunning = true
    /// The one that counts, and perhaps one that is retired, the older first.
    private(set) var peers: [Peer] = []

    init(policy: FrameWatchdog.Policy) {
        self.policy = policy
        core = Receiver.newCore(policy)
    }

    private static func newCore(_ policy: FrameWatchdog.Policy) -> ReceiverCore<ViewerConversation> {
        ReceiverCore(policy: policy, talk: ViewerConversation(name: "receiver", preferring: VideoCodec.allCases))
    }

    mutating func answer(_ fresh: Peer) {
        peers.append(fresh)
        meter.restart()
    }

    func peer(of connection: Int?) -> Peer? { peers.first { $0.connection == connection } }

    mutating func closePeer(_ session: Int) { peers.removeAll { $0.session == session } }

    mutating func restart() {
        self = Receiver(policy: policy)
    }

    mutating func stop() {
        isRunning = false
        peers = []
        deadline = .never
    }

    mutating func handle(
        _ event: ReceiverCore<ViewerConversation>.Event, at now: Instant, jitter: Double
    ) -> ReceiverCore<ViewerConversation>.Outcome {
        let outcome = core.handle(event, at: now, jitter: jitter)
        deadline = core.nextDeadline ?? .never
        return outcome
    }

    /// Notes who is retired. Frames may have changed that since it was last noted.
    mutating func noteRetired(at now: Instant) {
        for index in peers.indices {
            let isRetired = peers[index].session != core.talk.session
            peers[index].retiredAt = isRetired ? peers[index].retiredAt ?? now : nil
        }
    }

    func keepsFewPeers(at now: Instant) -> Bool {
        peers.count <= 2 && peers.allSatisfy { ($0.retiredAt ?? now) + Promise.retirement >= now }
    }

    mutating func count(at now: Instant) -> FrameMeter.Reading? {
        meter.record(at: now)
    }
}

/// What becomes known of a peer.
enum PeerNews: Sendable {
    case connected
    case failed
    case gone
}

extension World {
    /// Tells the receiver what its conversation hears.
    mutating func tellSession(_ event: ViewerConversation.Event) { tell(.conversation(event)) }

    /// Tells the receiver's core, and does as it says.
    mutating func tell(_ event: ReceiverCore<ViewerConversation>.Event) {
        guard receiver.isRunning else { return }
        receiver.noteRetired(at: now)
        let outcome = receiver.handle(event, at: now, jitter: receiverDice.jitter())
        for case .watch(let watch) in outcome.reports {
            checker.observe(watch.event, at: now, watch.actions, deadline: watch.nextDeadline ?? .never)
            guard watch.actions.contains(where: { if case .attempt = $0 { true } else { false } }) else {
                continue
            }
            for line in [Line.camera, .viewer] where !self[line].isOpen { checker.noteLoss(of: line) }
        }
        for action in outcome.actions { obey(action) }
        receiver.noteRetired(at: now)
        checker.expect(
            receiver.keepsFewPeers(at: now) || now == awakeAt, .restraint, at: now,
            "one retired peer, for 120 s at most")
    }

    mutating func obey(_ action: ViewerConversation.Action) {
        switch action {
        case .send(let message): send(message.json.text, on: .viewer, .toRelay)
        case .createAnswer(let session, let negotiation):
            guard let connection = negotiation.received.connection else { return }
            receiver.answer(Receiver.Peer(session: session, connection: connection))
            plan(.answerIsReady(connection), at: now + receiverDice.milliseconds(1...60))
        case .closePeer(let session): receiver.closePeer(session)
        case .renegotiate, .addCandidate, .ping: break
        }
    }

    mutating func answerIsReady(_ connection: Int) {
        guard let peer = receiver.peer(of: connection) else { return }
        tellSession(.answerReady(session: peer.session, sdp: SessionDescription.text(of: connection)))
    }

    /// The news of a peer's state takes the way over the loop: a frame may be there first. ICE says `connected`, and
    /// later perhaps `completed`, which is the same to us.
    mutating func receiverWillNotice(_ news: PeerNews, of peer: Receiver.Peer) {
        let delay = receiverDice.milliseconds(receiverDice.chance(1, in: 8) ? 0...1_500 : 0...50)
        plan(.peerNews(news, of: peer.connection), at: now + delay)
        if news == .connected && receiverDice.chance(1, in: 4) {
            plan(.peerNews(news, of: peer.connection), at: now + delay + receiverDice.milliseconds(0...30_000))
        }
    }

    mutating func receiverNotices(_ news: PeerNews, of connection: Int) {
        guard let peer = receiver.peer(of: connection) else { return }
        switch news {
        case .connected: tellSession(.connected(session: peer.session))
        case .failed: tellSession(.lost(session: peer.session, .failed))
        case .gone: tellSession(.lost(session: peer.session, .gone))
        }
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

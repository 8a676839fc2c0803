// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Media
import RelayClient
import Signaling
import Telemetry
import Timing
import Watchdog

/// Receives one camera for as long as it lives: joins the watchdog, the viewer's session and the peer connection.
///
/// It decides nothing. What happens is told to the two cores, and what they say is done.
@MainLoop
final class StreamDriver {
    private let settings: Station.Settings
    private let report: (ReceiverEvent) -> Void
    private var watchdog: FrameWatchdog
    private var session: ViewerSession
    private let tap = FrameTap()
    private var peer: WebRTCPeer?
    private var line: (any RelayLine)?
    private var deadline: Deadline?
    /// When the offer came that is being answered.
    private var offeredAt: Instant?
    private let started = MainLoop.now
    private var lastFrame: Instant?

    init(
        _ camera: CameraName, _ settings: Station.Settings, over open: LineOpener,
        report: @escaping @MainLoop (ReceiverEvent) -> Void
    ) {
        self.settings = settings
        self.report = report
        watchdog = FrameWatchdog(policy: settings.policy)
        session = ViewerSession(name: settings.sessionName, preferring: settings.codecs)
        deadline = Deadline { [weak self] in self?.tick() }
        tap.announceReadings { [weak self] in self?.read($0) }
        line = open(camera) { [weak self] in self?.heard($0) }
    }

    /// Lets the camera go; nothing is reported from then on but the end of its peer.
    func close() {
        tellWatchdog(.shutdown)
        line?.stop()
        line = nil
        closePeer()
    }

    /// When the camera last showed that it lives, which it has not done before it was first looked for.
    var lastSign: Instant { lastFrame ?? started }

    /// The stream's numbers so far.
    func reading(at now: Instant) -> StreamReading {
        tick()
        var meter = tap.meter
        return StreamReading(
            frames: meter.total, fps: meter.fps(at: now), lastFrameAge: lastFrame.map { $0.duration(to: now) },
            intervals: meter.intervals)
    }

    // MARK: - What happens

    private func heard(_ event: LineEvent) {
        switch event {
        case .up: tellSession(.joined)
        case .received(let message): tellSession(.received(message))
        case .ignored(let why): report(.messageIgnored(why.description))
        case .down: tellSession(.left)
        }
    }

    private func heard(_ event: PeerEvent, from number: Int) {
        switch event {
        case .remoteDescriptionSet: tellSession(.offerSet(session: number))
        case .localDescription(let sdp): tellSession(.answerReady(session: number, sdp: sdp))
        case .candidate(let candidate, let section):
            tellSession(.candidateFound(session: number, candidate: candidate, section: section))
        case .iceState(let state):
            report(.iceState(state.name))
            if state == .connected || state == .completed { tellWatchdog(.connected) }
        case .connectionState(let state): report(.connectionState(state.name))
        case .firstFrame:
            if let offeredAt { report(.firstFrame(after: offeredAt.duration(to: MainLoop.now))) }
            tellWatchdog(.tick)
        case .dataChannelOpened: tellSession(.channelOpened(session: number))
        case .pong: break
        case .failed(let why):
            report(.peerFailed(Code(why), detail: why.description))
            if case .refused(let words) = why { report(.refusalExplained(words)) }
            closePeer()
            tellWatchdog(.failed)
        case .closingLate: report(.peerClosingLate(session: number))
        case .closed(let duration): report(.peerClosed(session: number, after: duration))
        }
    }

    private func read(_ reading: FrameMeter.Reading) {
        report(.frames(total: reading.total, fps: reading.fps))
        // Frames may be what ends a pause, and no deadline waits for them then.
        tellWatchdog(.tick)
    }

    private func tick() {
        tellSession(.tick)
        tellWatchdog(.tick)
    }

    // MARK: - The cores

    private func tellSession(_ event: ViewerSession.Event) {
        for action in session.handle(event, at: MainLoop.now) { perform(action) }
        armDeadline()
    }

    /// Tells the watchdog, after the frames that came before.
    private func tellWatchdog(_ event: FrameWatchdog.Event) {
        if let progress = tap.drain() {
            lastFrame = progress.latest.at
            inform(.frame(timestamp: progress.latest.timestamp), at: progress.latest.at)
        }
        inform(event, at: MainLoop.now)
        armDeadline()
    }

    private func inform(_ event: FrameWatchdog.Event, at time: Instant) {
        for action in watchdog.handle(event, at: time, jitter: .random(in: -1...1)) { perform(action) }
    }

    private func armDeadline() {
        deadline?.arm(at: [session.nextDeadline, watchdog.nextDeadline].compactMap { $0 }.min())
    }

    // MARK: - What follows

    private func perform(_ action: ViewerSession.Action) {
        switch action {
        case .send(let message): send(message)
        case .createAnswer(let session, let negotiation): answer(negotiation, session: session)
        case .renegotiate(_, let negotiation):
            report(.offerReceived)
            peer?.answer(negotiation)
        case .addCandidate(_, let candidate, let section): peer?.add(candidate, section: section)
        case .closePeer: endPeer()
        case .ping: peer?.ping()
        case .reportMissedOffer: tellWatchdog(.offerMissed)
        case .reportLostSession: tellWatchdog(.failed)
        case .reportPaused:
            report(.paused)
            tellWatchdog(.paused)
        case .reportResumed:
            report(.resumed)
            tellWatchdog(.resumed)
        case .reportRefusedOffer(let why): report(.offerRefused(Code(why), detail: why.description))
        case .reportDroppedCandidate(let why): report(.candidateDropped(Code(why)))
        }
    }

    private func perform(_ action: FrameWatchdog.Action) {
        switch action {
        case .reportSilence(let silence, let failure): report(.silent(silence, failure: failure))
        case .declareDead(let silence): report(.dead(after: silence))
        case .closePeer:
            report(.closingPeer)
            closePeer()
        case .preparePeer: report(.creatingPeer)
        case .requestReconnect(let trouble, let silence): request(trouble, silence)
        case .reportFailure(let attempt): report(.reconnectFailed(attempt: attempt))
        case .announceRetry(let wait): report(.retryScheduled(in: wait))
        case .giveUp(let attempts): report(.gaveUp(attempts: attempts))
        case .reportRecovery(let silence): report(.recovered(silence: silence))
        }
    }

    private func send(_ message: SignalingMessage) {
        line?.send(message)
        if case .answer = message { report(.answerSent) }
    }

    private func request(_ trouble: FrameWatchdog.Trouble, _ silence: Duration) {
        report(.reconnectRequested(Code(trouble)))
        tellSession(.reconnect(reason: trouble.reason(after: silence)))
        report(.awaitingReconnect(settings.policy.reconnectWait))
    }

    private func answer(_ negotiation: Negotiation, session number: Int) {
        report(.offerReceived)
        offeredAt = MainLoop.now
        tellWatchdog(.offered)
        do {
            // It keeps us until it is torn down: its end is to be reported, too.
            peer = try WebRTCPeer(configuration: settings.peer, session: number, tap: tap) { [self] in
                heard($0, from: number)
            }
            report(.peerOpened(session: number))
            peer?.answer(negotiation)
        } catch {
            report(.peerFailed("no_media", detail: error.description))
            tellSession(.peerClosed)
            tellWatchdog(.failed)
        }
    }

    private func closePeer() {
        endPeer()
        tellSession(.peerClosed)
    }

    private func endPeer() {
        peer?.close()
        peer = nil
    }
}

// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Media
import RelayClient
import Signaling
import Telemetry
import Text
import Timing
import Watchdog

/// A phone: its frames come by WebRTC, and what is to be said about that over a line to a relay.
@MainLoop
final class PhoneSource: CameraSource {
    typealias Talk = ViewerConversation
    typealias Hear = @MainLoop (ViewerConversation.Event) -> Void
    typealias Report = @MainLoop (ReceiverEvent) -> Void

    private let configuration: PeerConfiguration
    private let tap: FrameTap
    private let stream: CameraStream
    private let peers: OpenPeers
    private let tell: Report
    private let hear: Hear
    private var line: (any RelayLine)?
    /// By their sessions: the newest, and perhaps one before it that is retired.
    private var connections: [Int: WebRTCPeer] = [:]
    private var newest = 0
    /// When the offer came that is being answered.
    private var offeredAt: Instant?
    /// What was last said of the newest peer's.
    private var lastICEState: ICEState?

    init(
        _ camera: CameraName, _ configuration: PeerConfiguration, feeding tap: FrameTap, _ stream: CameraStream,
        over open: LineOpener, among peers: OpenPeers, report: @escaping Report, hear: @escaping Hear
    ) {
        self.configuration = configuration
        self.tap = tap
        self.stream = stream
        self.peers = peers
        self.tell = report
        self.hear = hear
        line = open(camera) { [weak self] in self?.heard($0) }
    }

    func stop() {
        line?.stop()
        line = nil
        for peer in connections.values { peer.close() }
        connections = [:]
    }

    // MARK: - What happens

    private func heard(_ event: LineEvent) {
        switch event {
        case .up: hear(.joined)
        case .received(let message): hear(.received(message))
        case .picture: hear(.pictureReceived)
        case .ignored(let why): tell(.messageIgnored(why.description))
        case .down: hear(.left)
        }
    }

    private func heard(_ event: PeerEvent, from number: Int) {
        switch event {
        case .remoteDescriptionSet: hear(.offerSet(session: number))
        case .localDescription(let sdp): hear(.answerReady(session: number, sdp: sdp))
        case .candidate(let candidate, let section):
            hear(.candidateFound(session: number, candidate: candidate, section: section))
        case .iceState(let state):
            if number == newest && state.isNews(after: lastICEState) {
                tell(.iceState(state.name))
                lastICEState = state
            }
            if state == .connected || state == .completed { hear(.connected(session: number)) }
        case .connectionState(let state): if number == newest { tell(.connectionState(state.name)) }
        case .firstFrame:
            if let offeredAt { tell(.firstFrame(after: offeredAt.duration(to: MainLoop.now))) }
        case .dataChannelOpened: hear(.channelOpened(session: number))
        case .pathFound, .pong: break
        case .failed(let why):
            if number == newest { report(why) }
            hear(.lost(session: number, why == .closedByPeer ? .gone : .failed))
        case .closingLate:
            tell(.peerClosingLate(session: number))
            peers.late(number, of: self)
        case .streamFault(let fault): tell(.streamFault(fault.description))
        case .closed(let duration):
            tell(.peerClosed(session: number, after: duration))
            peers.closed(number, of: self)
        }
    }

    // MARK: - What follows

    func perform(_ action: ViewerConversation.Action) {
        switch action {
        case .send(let message): line?.send(message)
        case .createAnswer(let session, let negotiation): answer(negotiation, session: session)
        case .renegotiate(let session, let negotiation): connections[session]?.answer(negotiation)
        case .addCandidate(let session, let candidate, let section):
            connections[session]?.add(candidate, section: section)
        case .closePeer(let session): connections.removeValue(forKey: session)?.close()
        case .ping(let session): connections[session]?.ping()
        }
    }

    func report(_ news: ViewerConversation.Report) {
        switch news {
        case .offerReceived: tell(.offerReceived)
        case .answerSent: tell(.answerSent)
        case .videoRests: tell(.videoRests)
        case .paused(let why): tell(why.event)
        case .resumed(let why): tell(why.event)
        case .refusedOffer(let why): tell(.offerRefused(Code(why), detail: why.description))
        case .droppedCandidate(let why): tell(.candidateDropped(Code(why)))
        }
    }

    private func report(_ failure: PeerFailure) {
        if failure == .closedByPeer { return tell(.peerGone) }
        tell(.peerFailed(Code(failure), detail: failure.description))
        if case .refused(let words) = failure { tell(.refusalExplained(words)) }
    }

    private func answer(_ negotiation: Negotiation, session number: Int) {
        newest = number
        offeredAt = MainLoop.now
        lastICEState = nil
        do {
            // It keeps us until it is torn down: its end is to be reported, too.
            let peer = try WebRTCPeer(configuration: configuration, session: number, tap: tap, stream: stream) {
                [self] in
                heard($0, from: number)
            }
            connections[number] = peer
            tell(.peerOpened(session: number))
            peers.opened()
            peer.answer(negotiation)
        } catch {
            tell(.peerFailed("no_media", detail: error.description))
            hear(.lost(session: number, .failed))
        }
    }
}

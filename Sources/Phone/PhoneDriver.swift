// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Media
import RelayClient
import Signaling
import Telemetry
import Text
import Timing

/// Our own camera: connects the phone's session, its video and the peer that sends it with a line to a relay.
///
/// It decides nothing: it tells the session what happens, and does what that says.
@MainLoop
package final class PhoneDriver {
    package struct Settings: Equatable, Sendable {
        package var sound = Sound.none
        package var mischief = Mischief()
        package var peer = PeerConfiguration()

        package init() {}
    }

    /// How it ends by itself.
    package enum End: Equatable, Sendable {
        case clipEnded
        case videoFailed(String)
        /// By mischief, without a word to anybody.
        case died
    }

    private let settings: Settings
    private let report: (CameraEvent) -> Void
    private let end: (End) -> Void
    private var session: PhoneSession
    private var source: VideoSource?
    private var line: (any RelayLine)?
    private var peer: SendingPeer?
    /// How much is to be torn down: peers and, in the end, the source.
    private var open = 0
    private var deadline: Deadline?
    private var closing: FirstAnswer<Void>?

    /// GStreamer must have been started.
    package init(
        _ name: CameraName, _ video: VideoSettings, _ settings: Settings, over open: LineOpener,
        report: @escaping @MainLoop (CameraEvent) -> Void, end: @escaping @MainLoop (End) -> Void
    ) throws(MediaError) {
        self.settings = settings
        self.report = report
        self.end = end
        session = PhoneSession(mischief: settings.mischief, startedAt: MainLoop.now)
        source = try VideoSource(video) { [weak self] in self?.heard($0) }
        deadline = Deadline { [weak self] in self?.tell(.tick) }
        deadline?.arm(at: session.nextDeadline)
        line = open(name) { [weak self] in self?.heard($0) }
    }

    /// Hangs up, and waits until everything is torn down or `limit` has passed.
    package func close(within limit: Duration) async {
        guard let source = source.take() else { return }
        line?.stop()
        deadline = nil
        closePeer()
        open += 1
        source.close { self.closed() }
        await withCheckedContinuation { done in
            closing = FirstAnswer(within: limit) { _ in done.resume() }
        }
    }

    // MARK: - What happens

    private func heard(_ event: LineEvent) {
        switch event {
        case .up: tell(.joined)
        case .received(let message): tell(.received(message))
        case .ignored(let why): report(.messageIgnored(why.description))
        case .picture: break
        case .down: tell(.left)
        }
    }

    private func heard(_ event: VideoEvent) {
        switch event {
        case .reading(let reading): report(.framesSent(total: reading.total, fps: reading.fps))
        case .repeated: report(.clipRepeated)
        case .ended:
            report(.clipEnded)
            end(.clipEnded)
        case .failed(let why): end(.videoFailed(why))
        }
    }

    private func heard(_ event: PeerEvent, from number: Int) {
        switch event {
        case .localDescription(let sdp): tell(.offerReady(session: number, sdp: sdp))
        case .remoteDescriptionSet: tell(.answerSet(session: number))
        case .candidate(let candidate, let section):
            tell(.candidateFound(session: number, candidate: candidate, section: section))
        case .iceState(let state): report(.iceState("\(state)"))
        case .connectionState(let state):
            report(.connectionState("\(state)"))
            if state == .connected { tell(.connected(session: number)) }
        case .pathFound, .firstFrame, .dataChannelOpened, .pong: break
        case .failed(let why): report(.peerFailed("\(why)"))
        case .closingLate: report(.peerClosingLate)
        case .streamFault: break
        case .closed(let duration):
            report(.peerClosed(after: duration))
            closed()
        }
    }

    private func closed() {
        open -= 1
        if open == 0 { closing?.give(()) }
    }

    private func tell(_ event: PhoneSession.Event) {
        for action in session.handle(event, at: MainLoop.now, lot: .random(in: 0...1)) { perform(action) }
        deadline?.arm(at: session.nextDeadline)
    }

    // MARK: - What follows

    private func perform(_ action: PhoneSession.Action) {
        switch action {
        case .send(let message): send(message)
        case .openPeer(let session): openPeer(session)
        case .closePeer: closePeer()
        case .setAnswer(_, let answer):
            report(.answerReceived)
            peer?.take(answer)
        case .addCandidate(_, let candidate, let section): peer?.add(candidate, section: section)
        case .startFrames:
            report(.framesStarted)
            peer?.startFrames()
        case .stopFrames:
            report(.zombie)
            peer?.stopFrames()
        case .die:
            report(.dying)
            end(.died)
        case .reportCommand(let command): report(.commandReceived(command.rawValue))
        case .reportIgnoredCommand(let command): report(.commandIgnored(command.rawValue))
        case .reportDelay(let wait): report(.offerDelayed(wait))
        case .reportRefusedAnswer(let why): report(.answerRefused(why.description))
        case .reportDroppedCandidate(let flaw): report(.candidateDropped("\(flaw)"))
        }
    }

    private func send(_ message: SignalingMessage) {
        line?.send(message)
        switch message {
        case .offer: report(.offerSent)
        case .status(let status): report(.statusSent(status.rawValue))
        default: break
        }
    }

    private func openPeer(_ number: Int) {
        guard let source else { return }
        do throws(MediaError) {
            // It keeps us until it is torn down, as that is waited for.
            peer = try SendingPeer(configuration: settings.peer, source: source, sound: settings.sound) { [self] in
                heard($0, from: number)
            }
            open += 1
        } catch {
            report(.peerFailed(error.description))
        }
    }

    private func closePeer() {
        peer?.close()
        peer = nil
    }
}

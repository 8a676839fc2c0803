// SPDX-License-Identifier: Apache-2.0

import Timing

/// The phone's side of the conversation, over one relay socket that comes and goes.
///
/// 1. An offer is due when the socket opens and when a viewer asks for one. A fresh peer makes it, in a session with the
///    next number; the peer before it is closed first.
/// 2. Whatever a peer says carries its session's number; what is stale is dropped. Our candidates wait for the offer.
/// 3. The first answer to an offer is taken, if it makes sense; others are refused. The viewer's candidates wait until
///    that answer has been set. Those that name another session's ufrag, and the unusable, are dropped.
/// 4. Frames are sent once the peers are connected, and go on when the socket is lost: only the next offer, or the
///    viewer's silence, ends a connection.
/// 5. `start` and `stop` change the status that we report, and nothing else: frames flow either way.
/// 6. Mischief: frames stop some time after each connection, the first commands are ignored, an offer takes its time,
///    and the process ends at a fixed moment.
package struct PhoneSession: Sendable {
    package enum Event: Equatable, Sendable {
        /// The socket is up.
        case joined
        case left
        case received(SignalingMessage)
        case offerReady(session: Int, sdp: String)
        case answerSet(session: Int)
        /// One of ours was gathered.
        case candidateFound(session: Int, candidate: String, section: Int)
        /// Frames can be sent.
        case connected(session: Int)
        case tick
    }

    package enum Action: Equatable, Sendable {
        case send(SignalingMessage)
        /// Make a peer that offers.
        case openPeer(session: Int)
        case closePeer(session: Int)
        case setAnswer(session: Int, SessionDescription)
        case addCandidate(session: Int, ICECandidate, section: Int)
        case startFrames(session: Int)
        /// It is a zombie from now on.
        case stopFrames(session: Int)
        /// End the process without a word to anybody.
        case die
        case reportCommand(Command)
        case reportIgnoredCommand(Command)
        case reportDelay(Duration)
        case reportRefusedAnswer(AnswerRefusal)
        case reportDroppedCandidate(ICECandidate.Flaw)
    }

    /// Why an answer is refused.
    package enum AnswerRefusal: Equatable, Sendable, CustomStringConvertible {
        /// No offer waits for one.
        case unexpected
        case malformed(SessionDescription.Refusal)
        /// It has other sections than the offer.
        case mismatched

        package var description: String {
            switch self {
            case .unexpected: "no offer waits for one"
            case .malformed(let why): why.description
            case .mismatched: "it has other sections than the offer"
            }
        }
    }

    /// How many candidates may wait in each direction; the oldest are dropped.
    static let longestQueue = 64

    private let mischief: Mischief
    private var isJoined = false
    private var status = CameraStatus.waiting
    private var lastNumber = 0
    private var current: Session?
    private var commandsIgnored = 0
    private var offerDue: Instant?
    private var zombieDue: Instant?
    private var deathDue: Instant?

    private struct Session: Sendable {
        enum Stage: Sendable {
            case offering
            case offered
            case answering(SessionDescription)
            case answered(SessionDescription)
        }

        let number: Int
        var stage = Stage.offering
        var hasConnected = false
        /// Those of the offer.
        var sections: [MediaSection] = []
        /// Ours, held back until the offer is out.
        var localQueue: [LocalCandidate] = []
        /// The viewer's, held back until the answer has been set.
        var remoteQueue: [RemoteCandidate] = []

        /// The message that tells the viewer of one of our candidates.
        func message(for local: LocalCandidate) -> SignalingMessage {
            .ice(TrickledCandidate(local.candidate, section: local.section, of: sections))
        }
    }

    private struct LocalCandidate: Sendable {
        let candidate: String
        let section: Int
    }

    private struct RemoteCandidate: Sendable {
        let candidate: ICECandidate
        let trickled: TrickledCandidate
    }

    package init(mischief: Mischief, startedAt start: Instant) {
        self.mischief = mischief
        deathDue = mischief.dieAfter.map { start + $0 }
    }

    /// When `tick` is next due, if nothing else happens before.
    package var nextDeadline: Instant? { offerDue.orEarlier(zombieDue).orEarlier(deathDue) }

    /// Takes in what happened. `lot`, in 0...1, is used only to draw from a range.
    package mutating func handle(_ event: Event, at now: Instant, lot: Double) -> [Action] {
        switch event {
        case .joined:
            isJoined = true
            return [.send(.status(status))] + beginOffer(at: now)
        case .left:
            isJoined = false
            offerDue = nil
            return []
        case .received(let message): return isJoined ? received(message, at: now) : []
        case .offerReady(let session, let sdp): return offerReady(session, sdp)
        case .answerSet(let session): return answerSet(session)
        case .candidateFound(let session, let candidate, let section):
            return candidateFound(session, LocalCandidate(candidate: candidate, section: section))
        case .connected(let session): return connected(session, at: now, lot: lot)
        case .tick: return tick(at: now)
        }
    }

    private mutating func tick(at now: Instant) -> [Action] {
        var actions: [Action] = []
        if let due = deathDue, due <= now {
            deathDue = nil
            actions.append(.die)
        }
        if let due = offerDue, due <= now { actions += openPeer() }
        if let due = zombieDue, due <= now, let current {
            zombieDue = nil
            actions.append(.stopFrames(session: current.number))
        }
        return actions
    }

    // MARK: - Offers

    private mutating func beginOffer(at now: Instant) -> [Action] {
        // It is on its way already.
        if offerDue != nil { return [] }
        let closing = current.map { [Action.closePeer(session: $0.number)] } ?? []
        current = nil
        zombieDue = nil
        guard mischief.offerDelay > .zero else { return closing + openPeer() }
        offerDue = now + mischief.offerDelay
        return closing + [.reportDelay(mischief.offerDelay)]
    }

    private mutating func openPeer() -> [Action] {
        offerDue = nil
        lastNumber += 1
        current = Session(number: lastNumber)
        return [.openPeer(session: lastNumber)]
    }

    private mutating func offerReady(_ number: Int, _ sdp: String) -> [Action] {
        guard isJoined, var session = current, session.number == number, case .offering = session.stage else {
            return []
        }
        let candidates = session.localQueue
        session.stage = .offered
        // If our own offer cannot be read, no answer matches it.
        session.sections = (try? SessionDescription(parsing: sdp))?.sections ?? []
        session.localQueue = []
        current = session
        return [.send(.offer(sdp: sdp))] + candidates.map { .send(session.message(for: $0)) }
    }

    private mutating func candidateFound(_ number: Int, _ found: LocalCandidate) -> [Action] {
        guard isJoined, var session = current, session.number == number, !found.candidate.isEmpty else { return [] }
        guard case .offering = session.stage else { return [.send(session.message(for: found))] }
        session.localQueue.append(found, droppingBeyond: PhoneSession.longestQueue)
        current = session
        return []
    }

    private mutating func connected(_ number: Int, at now: Instant, lot: Double) -> [Action] {
        guard let session = current, session.number == number, !session.hasConnected else { return [] }
        current?.hasConnected = true
        zombieDue = mischief.zombieAfter.map { now + $0.lowerBound + ($0.upperBound - $0.lowerBound) * lot }
        return [.startFrames(session: number)]
    }

    // MARK: - What viewers say

    private mutating func received(_ message: SignalingMessage, at now: Instant) -> [Action] {
        switch message {
        case .answer(let sdp): return answered(sdp)
        case .ice(let candidate): return remoteCandidate(candidate)
        case .command(let command): return told(command, at: now)
        // For viewers and relays.
        case .offer, .status, .cameraStatus, .reconnectRequest, .hello, .viewerRole: return []
        }
    }

    private mutating func told(_ command: Command, at now: Instant) -> [Action] {
        guard commandsIgnored >= mischief.ignoredCommands else {
            commandsIgnored += 1
            return [.reportIgnoredCommand(command)]
        }
        switch command {
        case .reconnect: return [.reportCommand(command)] + beginOffer(at: now)
        case .start: return [.reportCommand(command), say(.recording)]
        case .stop: return [.reportCommand(command), say(.waiting)]
        // As an old phone does with unknown words.
        default: return [.reportIgnoredCommand(command)]
        }
    }

    private mutating func say(_ status: CameraStatus) -> Action {
        self.status = status
        return .send(.status(status))
    }

    private mutating func answered(_ sdp: String) -> [Action] {
        guard var session = current, case .offered = session.stage else { return [.reportRefusedAnswer(.unexpected)] }
        do {
            let answer = try SessionDescription(parsing: sdp)
            guard answer.sections.count == session.sections.count else { return [.reportRefusedAnswer(.mismatched)] }
            session.stage = .answering(answer)
            current = session
            return [.setAnswer(session: session.number, answer.droppingUnusableCandidates())]
        } catch {
            return [.reportRefusedAnswer(.malformed(error))]
        }
    }

    private mutating func answerSet(_ number: Int) -> [Action] {
        guard var session = current, session.number == number, case .answering(let answer) = session.stage else {
            return []
        }
        let waiting = session.remoteQueue
        session.stage = .answered(answer)
        session.remoteQueue = []
        current = session
        return waiting.compactMap { addition(of: $0, session: number, answeredBy: answer) }
    }

    private mutating func remoteCandidate(_ trickled: TrickledCandidate) -> [Action] {
        // The end of candidates needs no answer: the checks end by themselves.
        guard var session = current, let text = trickled.candidate else { return [] }
        do {
            let remote = RemoteCandidate(candidate: try ICECandidate(parsing: text), trickled: trickled)
            if case .answered(let answer) = session.stage {
                return addition(of: remote, session: session.number, answeredBy: answer).map { [$0] } ?? []
            }
            session.remoteQueue.append(remote, droppingBeyond: PhoneSession.longestQueue)
            current = session
            return []
        } catch {
            return [.reportDroppedCandidate(error)]
        }
    }

    private func addition(
        of remote: RemoteCandidate, session: Int, answeredBy answer: SessionDescription
    ) -> Action? {
        if let ufrag = remote.candidate.ufrag, !answer.ufrags.contains(ufrag) { return nil }
        guard let section = answer.sectionIndex(of: remote.trickled) else { return nil }
        return .addCandidate(session: session, remote.candidate, section: section)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Timing
import Watchdog

/// The viewer's side of the conversation with one camera, over one relay socket that comes and goes.
///
/// The rules:
///
/// 1. Every offer that can be answered opens a session with the next number. An offer that only goes on with an answered
///    session (a new version of the same origin: an ICE restart) keeps it.
/// 2. The session before it is retired (`ViewerSessions`), and so is the one that there is when another is asked for.
/// 3. Whatever comes from a peer connection carries its session's number; what is stale is dropped. A session sends one
///    answer to an offer, then its candidates: none goes ahead of the answer.
/// 4. The phone's candidates wait until their offer has been set (`WaitingCandidates`). The unusable are dropped.
/// 5. If no offer came within `offerPatience` of joining it was missed, unless the camera said that it is paused or a
///    request is out already: there is never a second one. At the first join there is no patience with a camera that an
///    earlier run was asking. The watchdog decides what follows: only it asks for a reconnect. A relay of ours says
///    whether there is a camera, and nobody is asked where there is none; an old relay says nothing, and we assume one.
///    A camera that comes later is given `arrivalPatience`, as its first offer may take a while.
/// 6. When the socket goes down nothing is kept for it: an unanswered session without frames is lost, an answered one
///    lives on without it, and a reconnect that is asked for meanwhile is not sent (the offer missed at the next join
///    stands for it).
/// 7. Nothing is due while the camera says that it is paused, while it sends pictures only (`PicturesOnly`), or while
///    the relay lets another viewer hold the conversation. A new offer ends a pause of the camera's, a new socket
///    forgets all of them.
/// 8. Who offers without end is answered four times a second (`OfferPace`).
/// 9. From the opening of its data channel to its end, a session has a keepalive sent every `keepaliveInterval`.
package struct ViewerConversation: Conversation {
    package enum Event: Equatable, Sendable {
        /// The socket is up.
        case joined
        case left
        case received(SignalingMessage)
        case pictureReceived
        case offerSet(session: Int)
        case answerReady(session: Int, sdp: String)
        /// One of ours was gathered.
        case candidateFound(session: Int, candidate: String, section: Int)
        case channelOpened(session: Int)
        /// ICE says connected or completed.
        case connected(session: Int)
        case lost(session: Int, Loss)
    }

    package enum Action: Equatable, Sendable {
        case send(SignalingMessage)
        /// Answer with a fresh peer.
        case createAnswer(session: Int, Negotiation)
        /// Answer with the peer that the session has; frames stay due.
        case renegotiate(session: Int, Negotiation)
        case addCandidate(session: Int, ICECandidate, section: Int)
        case closePeer(session: Int)
        case ping(session: Int)
    }

    package enum Report: Equatable, Sendable {
        case offerReceived
        case answerSent
        /// There is no video in the offer that is sent.
        case videoRests
        case paused(Pause)
        case resumed(Resumption)
        case refusedOffer(SessionDescription.Refusal)
        case droppedCandidate(ICECandidate.Flaw)
    }

    package enum Loss: Sendable {
        case failed
        /// The other end said goodbye.
        case gone
    }

    /// Why nothing is due.
    package enum Pause: Equatable, Sendable {
        case camera
        case picturesOnly
        case anotherViewer
    }

    /// Why something is due again.
    package enum Resumption: String, CaseIterable, Sendable {
        case camera
        case cameraLeft = "camera_left"
        case conversationTaken = "conversation_taken"
        case newSocket = "new_socket"
    }

    static let offerPatience = Duration.seconds(2)
    static let arrivalPatience = Duration.seconds(10)
    static let keepaliveInterval = Duration.seconds(5)

    private let name: String
    private let preferences: [VideoCodec]
    /// The first join asks at once for an offer.
    private var isOverdue: Bool
    private var isJoined = false
    private var sessions = ViewerSessions()
    /// The phone's.
    private var candidates = WaitingCandidates()
    private var offerDue: Instant?
    private var refusedOffer = false
    private var pace = OfferPace()
    private var place: Place?
    private var status: CameraStatus?
    private var picturesOnly = PicturesOnly()

    /// What a relay of ours said of us and of the camera.
    private struct Place: Sendable {
        let role: ViewerRole
        let cameraIsPresent: Bool
    }

    /// `name` is told to the relay, so that a new socket takes the place of the one before.
    ///
    /// `isOverdue` says that a connection was asked for in vain before.
    package init(name: String, preferring preferences: [VideoCodec], isOverdue: Bool = false) {
        self.name = name
        self.preferences = preferences
        self.isOverdue = isOverdue
    }

    /// When `tick` is next due, if nothing else happens before.
    package var nextDeadline: Instant? {
        offerDue.orEarlier(pace.deadline).orEarlier(sessions.current?.pingDue).orEarlier(sessions.deadline)
    }

    package var session: Int? { sessions.current?.number }

    package mutating func hear(_ event: Event, at now: Instant) -> [Step] {
        tellingPauses(resumption: ViewerConversation.resumption(by: event)) { $0.respond(to: event, at: now) }
    }

    package mutating func carryOut(_ order: SourceOrder, at now: Instant) -> [Step] {
        tellingPauses {
            switch order {
            case .close: return closing($0.sessions.closeRetired() + $0.sessions.close())
            case .reopen(let trouble, let silence):
                return closing($0.sessions.retire(at: now)) + $0.request(reason: trouble.reason(after: silence))
            case .settle(let session): return closing($0.sessions.settle(session))
            case .noteFailure:
                $0.picturesOnly.requestFailed()
                return []
            }
        }
    }

    package mutating func tick(at now: Instant) -> [Step] {
        tellingPauses { $0.due(at: now) }
    }

    private mutating func tellingPauses(
        resumption: Resumption = .camera, _ work: (inout ViewerConversation) -> [Step]
    ) -> [Step] {
        let before = pause
        let steps = work(&self)
        if pause == before { return steps }
        guard let pause else { return steps + [.report(.resumed(resumption)), .tell(.resumed)] }
        return steps + [.report(.paused(pause)), .tell(.paused)]
    }

    /// Whether a request would reach a camera, as far as one knows.
    package var hasListener: Bool { isJoined && !isAlone }

    /// Whether a relay of ours says that no camera is there.
    var isAlone: Bool { place?.cameraIsPresent == false }

    private var pause: Pause? {
        if place?.role == .waiting { return .anotherViewer }
        if status == .paused || status == .interrupted { return .camera }
        return picturesOnly.isCertain ? .picturesOnly : nil
    }

    private static func resumption(by event: Event) -> Resumption {
        if event == .joined { return .newSocket }
        guard case .received(.viewerRole(_, cameraPresent: let isPresent)) = event else { return .camera }
        return isPresent ? .conversationTaken : .cameraLeft
    }

    private mutating func respond(to event: Event, at now: Instant) -> [Step] {
        switch event {
        case .joined: return joined(at: now)
        case .left: return left()
        case .received(let message): return received(message, at: now)
        case .pictureReceived:
            picturesOnly.received()
            return []
        case .offerSet(let session): return offerSet(session)
        case .answerReady(let session, let sdp): return answerReady(session, sdp)
        case .candidateFound(let session, let candidate, let section):
            return candidateFound(session, candidate, section: section)
        case .channelOpened(let session): return self.session == session ? ping(at: now) : []
        case .connected(let session): return self.session == session ? [.tell(.connected)] : []
        case .lost(let session, let loss):
            if sessions.isRetired(session) { return closing(sessions.closeRetired()) }
            return self.session == session ? closing(sessions.close()) + [.tell(loss.event)] : []
        }
    }

    private mutating func request(reason: String) -> [Step] {
        offerDue = nil
        guard hasListener else { return [] }
        picturesOnly.asked()
        return [.act(.send(.reconnectRequest(reason: reason)))]
    }

    private mutating func due(at now: Instant) -> [Step] {
        let messages = pace.takeDue(at: now)
        if !messages.isEmpty { return messages.flatMap { received($0, at: now) } }
        if let due = offerDue, due <= now {
            offerDue = nil
            return [.tell(.missed(refusedOffer ? .refusedOffer : .missedOffer))]
        }
        if let due = sessions.deadline, due <= now { return closing(sessions.closeRetired()) }
        return sessions.current?.pingDue.map { $0 <= now } == true ? ping(at: now) : []
    }

    private mutating func ping(at now: Instant) -> [Step] {
        sessions.current?.pingDue = now + ViewerConversation.keepaliveInterval
        return session.map { [.act(.ping(session: $0))] } ?? []
    }

    // MARK: - The socket

    private mutating func joined(at now: Instant) -> [Step] {
        isJoined = true
        place = nil
        forgetCamera()
        offerDue = isOverdue ? now : now + ViewerConversation.offerPatience
        isOverdue = false
        return [.act(.send(.hello(session: name)))]
    }

    private mutating func left() -> [Step] {
        isJoined = false
        offerDue = nil
        candidates = WaitingCandidates()
        pace.forget()
        let lost = sessions.loseUnanswered()
        return lost.isEmpty ? [] : closing(lost) + [.tell(.failed)]
    }

    private mutating func received(_ message: SignalingMessage, at now: Instant) -> [Step] {
        guard isJoined else { return [] }
        if pace.holdBack(message, at: now) {
            offerDue = nil
            return []
        }
        switch message {
        case .offer(let sdp): return offered(sdp, at: now)
        case .ice(let candidate): return trickled(candidate)
        case .cameraStatus(_, let status): told(status)
        case .viewerRole(let role, let present): told(Place(role: role, cameraIsPresent: present), at: now)
        // For cameras and relays.
        case .answer, .status, .reconnectRequest, .command, .hello: break
        }
        return []
    }

    private mutating func told(_ status: CameraStatus) {
        switch status {
        case self.status: return
        case .interrupted, .paused: offerDue = nil
        case .waiting, .recording, .uploading: break
        default: return
        }
        self.status = status
        picturesOnly.changed()
    }

    private mutating func told(_ place: Place, at now: Instant) {
        let arrived = place.cameraIsPresent && isAlone
        self.place = place
        if isAlone { forgetCamera() }
        if isAlone || place.role == .waiting {
            offerDue = nil
        } else if arrived {
            offerDue = now + ViewerConversation.arrivalPatience
        }
    }

    /// What one camera said of itself does not hold for the next.
    private mutating func forgetCamera() {
        status = nil
        refusedOffer = false
        picturesOnly = PicturesOnly()
    }

    // MARK: - The conversation

    private mutating func offered(_ sdp: String, at now: Instant) -> [Step] {
        status = nil
        picturesOnly.offered()
        do {
            return answer(try Negotiation(offered: sdp, preferring: preferences), at: now)
        } catch {
            refusedOffer = true
            return [.report(.refusedOffer(error))]
        }
    }

    private mutating func answer(_ negotiation: Negotiation, at now: Instant) -> [Step] {
        offerDue = nil
        refusedOffer = false
        let news: [Step] = [.report(.offerReceived)] + (negotiation.video.isSent ? [] : [.report(.videoRests)])
        switch sessions.open(negotiation, at: now) {
        case .resumed(let session, let wasRetired):
            return news + [.act(.renegotiate(session: session, negotiation))] + (wasRetired ? [.tell(.offered)] : [])
        case .fresh(let session, let old):
            return closing(old) + news + [.act(.createAnswer(session: session, negotiation)), .tell(.offered)]
        }
    }

    private mutating func offerSet(_ number: Int) -> [Step] {
        guard var session = sessions.current, session.number == number, session.stage == .settingOffer else {
            return []
        }
        session.stage = .answering
        sessions.current = session
        return additions()
    }

    private mutating func answerReady(_ number: Int, _ sdp: String) -> [Step] {
        let flushed = offerSet(number)
        guard var session = sessions.current, session.number == number, session.stage == .answering else { return [] }
        let ours = session.localQueue
        session.stage = .answered
        session.localQueue = []
        sessions.current = session
        return flushed + [.act(.send(.answer(sdp: sdp))), .report(.answerSent)] + ours.map { .act(.send($0)) }
    }

    private mutating func candidateFound(_ number: Int, _ candidate: String, section: Int) -> [Step] {
        guard isJoined, var session = sessions.current, session.number == number, !candidate.isEmpty else { return [] }
        let message = SignalingMessage.ice(session.negotiation.candidate(candidate, section: section))
        if session.stage == .answered { return [.act(.send(message))] }
        session.localQueue.append(message, droppingBeyond: WaitingCandidates.limit)
        sessions.current = session
        return []
    }

    private mutating func trickled(_ candidate: TrickledCandidate) -> [Step] {
        do {
            try candidates.add(candidate, after: session)
            return additions()
        } catch {
            return [.report(.droppedCandidate(error))]
        }
    }

    /// The phone's candidates whose offer has been set.
    private mutating func additions() -> [Step] {
        sessions.reachable.flatMap { session in
            candidates.take(for: session.number, session.negotiation).map { candidate, section in
                .act(.addCandidate(session: session.number, candidate, section: section))
            }
        }
    }
}

private func closing(_ sessions: [Int]) -> [ViewerConversation.Step] {
    sessions.map { .act(.closePeer(session: $0)) }
}

extension ViewerConversation.Loss {
    fileprivate var event: FrameWatchdog.Event {
        switch self {
        case .failed: .failed
        case .gone: .gone
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Timing

/// The viewer's side of the conversation with one camera, over one relay socket that comes and goes.
///
/// The rules:
///
/// 1. Every offer that can be answered opens a session with the next number; the one before it is closed first. An
///    offer that only goes on with an answered session (a new version of the same origin: an ICE restart) keeps it.
/// 2. Whatever comes from a peer connection carries its session's number; what is stale is dropped. A session sends one
///    answer to an offer, then its candidates: none goes ahead of the answer.
/// 3. The phone's candidates wait until its offer has been set. One that names its ufrag waits for the offer that has
///    it; one that does not belongs to the offer before it. The unusable are dropped.
/// 4. If no offer came within `offerPatience` of joining it was missed, unless the camera said that it is paused or a
///    request is out already: there is never a second one. The watchdog decides what follows: only it asks
///    for a reconnect. A relay of ours says whether a camera is there, and where none is none is asked; with an old one
///    we take it that there is. A camera that comes later is given `arrivalPatience`: its first offer may take a while.
/// 5. When the socket goes down nothing is kept for it: an unanswered session is lost, an answered one lives on without
///    it, and a reconnect that is asked for meanwhile is not sent (the offer missed at the next join stands for it).
/// 6. Nothing is due while the camera says that it is paused, while it sends pictures only (`PicturesOnly`), or while
///    the relay lets another viewer hold the conversation. A new offer ends a pause of the camera's, a new socket
///    forgets all of them.
/// 7. Who offers without end is answered four times a second: of what comes meanwhile, the last offer waits for its turn
///    and the candidates after it wait with it.
/// 8. From the opening of its data channel to its end, a session has a keepalive sent every `keepaliveInterval`.
package struct ViewerSession: Sendable {
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
        /// The watchdog wants the peer closed.
        case close
        /// The watchdog asks for a fresh connection.
        case reconnect(reason: String)
        /// No frames came of it.
        case reconnectFailed
        case tick
    }

    package enum Action: Equatable, Sendable {
        case send(SignalingMessage)
        /// Answer with a fresh peer. For the watchdog: `offered`.
        case createAnswer(session: Int, Negotiation)
        /// Answer with the peer that the session has; frames stay due.
        case renegotiate(session: Int, Negotiation)
        case addCandidate(session: Int, ICECandidate, section: Int)
        case closePeer(session: Int)
        case ping(session: Int)
        case reportConnected
        /// For the watchdog: `missed`.
        case reportMissedOffer(wasRefused: Bool)
        /// For the watchdog: `failed` or `gone`. The socket's going down before the answer is out is a failure, too.
        case reportLost(Loss)
        case reportPaused(Pause)
        case reportResumed(Resumption)
        case reportRefusedOffer(SessionDescription.Refusal)
        case reportDroppedCandidate(ICECandidate.Flaw)
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
    static let offersPerSecond = 4
    static let offersAtOnce = 10
    /// How many candidates wait at most, each way; the oldest are dropped.
    static let longestQueue = 64

    private let name: String
    private let preferences: [VideoCodec]
    private var isJoined = false
    private var lastNumber = 0
    private var current: Session?
    private var remoteQueue: [RemoteCandidate] = []
    private var offerDue: Instant?
    private var refusedOffer = false
    private var pace: RateLimit?
    /// An offer that came too soon, and the candidates that came after it.
    private var waiting: [SignalingMessage] = []
    private var waitsUntil: Instant?
    private var place: Place?
    private var status: CameraStatus?
    private var picturesOnly = PicturesOnly()

    private struct Session: Sendable {
        enum Stage: Sendable {
            case settingOffer
            case answering
            case answered
        }

        let number: Int
        var negotiation: Negotiation
        var stage = Stage.settingOffer
        /// Ours, held back until the answer is out.
        var localQueue: [SignalingMessage] = []
        var pingDue: Instant?
    }

    private struct RemoteCandidate: Sendable {
        let candidate: ICECandidate
        let trickled: TrickledCandidate
        /// The session that it came after, for one that names no ufrag.
        let session: Int?
    }

    /// What a relay of ours said of us and of the camera.
    private struct Place: Sendable {
        let role: ViewerRole
        let cameraIsPresent: Bool
    }

    /// `name` is told to the relay, so that a new socket takes the place of the one before.
    package init(name: String, preferring preferences: [VideoCodec]) {
        self.name = name
        self.preferences = preferences
    }

    /// When `tick` is next due, if nothing else happens before.
    package var nextDeadline: Instant? { offerDue.orEarlier(waitsUntil).orEarlier(current?.pingDue) }

    package mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        let before = pause
        let actions = respond(to: event, at: now)
        if pause == before { return actions }
        return actions + [pause.map(Action.reportPaused) ?? .reportResumed(ViewerSession.resumption(by: event))]
    }

    /// Whether a request would reach a camera, as far as one knows.
    var canAsk: Bool { isJoined && !isAlone }

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

    private mutating func respond(to event: Event, at now: Instant) -> [Action] {
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
        case .channelOpened(let session): return current?.number == session ? ping(at: now) : []
        case .connected(let session): return current?.number == session ? [.reportConnected] : []
        case .lost(let session, let loss): return current?.number == session ? close() + [.reportLost(loss)] : []
        case .close: return close()
        case .reconnect(let reason):
            offerDue = nil
            guard canAsk else { return [] }
            picturesOnly.asked()
            return [.send(.reconnectRequest(reason: reason))]
        case .reconnectFailed:
            picturesOnly.requestFailed()
            return []
        case .tick: return tick(at: now)
        }
    }

    private mutating func tick(at now: Instant) -> [Action] {
        if let waitsUntil, waitsUntil <= now {
            self.waitsUntil = nil
            let messages = waiting
            waiting = []
            return messages.flatMap { received($0, at: now) }
        }
        if let due = offerDue, due <= now {
            offerDue = nil
            return [.reportMissedOffer(wasRefused: refusedOffer)]
        }
        return current?.pingDue.map { $0 <= now } == true ? ping(at: now) : []
    }

    private mutating func ping(at now: Instant) -> [Action] {
        current?.pingDue = now + ViewerSession.keepaliveInterval
        return current.map { [.ping(session: $0.number)] } ?? []
    }

    private mutating func close() -> [Action] {
        defer { current = nil }
        return current.map { [.closePeer(session: $0.number)] } ?? []
    }

    // MARK: - The socket

    private mutating func joined(at now: Instant) -> [Action] {
        isJoined = true
        place = nil
        forgetCamera()
        offerDue = now + ViewerSession.offerPatience
        return [.send(.hello(session: name))]
    }

    private mutating func left() -> [Action] {
        isJoined = false
        offerDue = nil
        remoteQueue = []
        waiting = []
        waitsUntil = nil
        guard let current, current.stage != .answered else { return [] }
        return close() + [.reportLost(.failed)]
    }

    private mutating func received(_ message: SignalingMessage, at now: Instant) -> [Action] {
        guard isJoined else { return [] }
        switch message {
        case .offer(let sdp): return isTooSoon(message, at: now) ? [] : offered(sdp)
        case .ice where !waiting.isEmpty: if waiting.count <= ViewerSession.longestQueue { waiting.append(message) }
        case .ice(let candidate): return remoteCandidate(candidate)
        case .cameraStatus(_, let status): told(status)
        case .viewerRole(let role, let present): told(Place(role: role, cameraIsPresent: present), at: now)
        // For cameras and relays.
        case .answer, .status, .reconnectRequest, .command, .hello: break
        }
        return []
    }

    /// If so, it waits.
    private mutating func isTooSoon(_ offer: SignalingMessage, at now: Instant) -> Bool {
        var pace =
            self.pace
            ?? RateLimit(perSecond: ViewerSession.offersPerSecond, burst: ViewerSession.offersAtOnce, at: now)
        defer { self.pace = pace }
        if waitsUntil == nil && pace.admit(at: now) { return false }
        offerDue = nil
        waiting = [offer]
        waitsUntil = waitsUntil ?? now + .seconds(1) / ViewerSession.offersPerSecond
        return true
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
            offerDue = now + ViewerSession.arrivalPatience
        }
    }

    /// What one camera said of itself does not hold for the next.
    private mutating func forgetCamera() {
        status = nil
        refusedOffer = false
        picturesOnly = PicturesOnly()
    }

    // MARK: - The conversation

    private mutating func offered(_ sdp: String) -> [Action] {
        status = nil
        picturesOnly.offered()
        do {
            return answer(try Negotiation(offered: sdp, preferring: preferences))
        } catch {
            refusedOffer = true
            return [.reportRefusedOffer(error)]
        }
    }

    private mutating func answer(_ negotiation: Negotiation) -> [Action] {
        offerDue = nil
        refusedOffer = false
        if let session = current, session.stage == .answered, negotiation.continues(session.negotiation) {
            current = Session(number: session.number, negotiation: negotiation, pingDue: session.pingDue)
            return [.renegotiate(session: session.number, negotiation)]
        }
        let closing = close()
        lastNumber += 1
        current = Session(number: lastNumber, negotiation: negotiation)
        return closing + [.createAnswer(session: lastNumber, negotiation)]
    }

    private mutating func offerSet(_ number: Int) -> [Action] {
        guard var session = current, session.number == number, session.stage == .settingOffer else { return [] }
        session.stage = .answering
        current = session
        let waiting = remoteQueue
        remoteQueue = waiting.filter { !belongs($0, to: session) }
        return waiting.filter { belongs($0, to: session) }.compactMap { addition(of: $0, to: session) }
    }

    private mutating func answerReady(_ number: Int, _ sdp: String) -> [Action] {
        let flushed = offerSet(number)
        guard var session = current, session.number == number, session.stage == .answering else { return [] }
        let candidates = session.localQueue
        session.stage = .answered
        session.localQueue = []
        current = session
        return flushed + [.send(.answer(sdp: sdp))] + candidates.map(Action.send)
    }

    private mutating func candidateFound(_ number: Int, _ candidate: String, section: Int) -> [Action] {
        guard isJoined, var session = current, session.number == number, !candidate.isEmpty else { return [] }
        let message = SignalingMessage.ice(session.negotiation.candidate(candidate, section: section))
        if session.stage == .answered { return [.send(message)] }
        session.localQueue.append(message, droppingBeyond: ViewerSession.longestQueue)
        current = session
        return []
    }

    private mutating func remoteCandidate(_ trickled: TrickledCandidate) -> [Action] {
        // The end of candidates needs no answer: the checks end by themselves.
        guard let text = trickled.candidate else { return [] }
        do {
            let candidate = try ICECandidate(parsing: text)
            if candidate.ufrag == nil && current == nil { return [] }
            let waiting = RemoteCandidate(
                candidate: candidate, trickled: trickled, session: candidate.ufrag == nil ? current?.number : nil)
            if let session = current, session.stage != .settingOffer, belongs(waiting, to: session) {
                return addition(of: waiting, to: session).map { [$0] } ?? []
            }
            remoteQueue.append(waiting, droppingBeyond: ViewerSession.longestQueue)
            return []
        } catch {
            return [.reportDroppedCandidate(error)]
        }
    }

    private func belongs(_ waiting: RemoteCandidate, to session: Session) -> Bool {
        if let ufrag = waiting.candidate.ufrag { return session.negotiation.received.ufrags.contains(ufrag) }
        return waiting.session == session.number
    }

    private func addition(of waiting: RemoteCandidate, to session: Session) -> Action? {
        guard let section = session.negotiation.section(of: waiting.trickled) else { return nil }
        return .addCandidate(session: session.number, waiting.candidate, section: section)
    }
}

extension Array {
    /// Appends, and drops from the front what is more than `limit`.
    mutating func append(_ element: Element, droppingBeyond limit: Int) {
        append(element)
        if count > limit { removeFirst(count - limit) }
    }
}

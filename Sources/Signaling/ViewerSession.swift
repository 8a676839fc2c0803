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
///    for a reconnect. A relay of ours says whether a camera is there; with an old one we take it that there is. A
///    camera that comes later is given `arrivalPatience`: its first offer may take a while.
/// 5. When the socket goes down nothing is kept for it: an unanswered session is lost, an answered one lives on without
///    it, and a reconnect that is asked for meanwhile is not sent (the offer missed at the next join stands for it).
/// 6. Nothing is due while the camera says that it is paused or the relay lets another viewer hold the conversation. A
///    new offer ends the camera's pause, a new socket forgets both.
/// 7. Who offers without end is answered four times a second: of what comes meanwhile, the last offer waits for its turn
///    and the candidates after it wait with it.
/// 8. From the opening of its data channel to its end, a session has a keepalive sent every `keepaliveInterval`.
package struct ViewerSession: Sendable {
    package enum Event: Equatable, Sendable {
        /// The socket is up.
        case joined
        case left
        case received(SignalingMessage)
        case offerSet(session: Int)
        case answerReady(session: Int, sdp: String)
        /// One of ours was gathered.
        case candidateFound(session: Int, candidate: String, section: Int)
        case channelOpened(session: Int)
        /// The watchdog had the peer closed.
        case peerClosed
        /// The watchdog asks for a fresh connection.
        case reconnect(reason: String)
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
        /// For the watchdog: `offerMissed`.
        case reportMissedOffer
        /// The socket went down before the answer was out. For the watchdog: `failed`.
        case reportLostSession
        case reportPaused
        case reportResumed
        case reportRefusedOffer(SessionDescription.Refusal)
        case reportDroppedCandidate(ICECandidate.Flaw)
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
    private var pace: RateLimit?
    /// An offer that came too soon, and the candidates that came after it.
    private var waiting: [SignalingMessage] = []
    private var waitsUntil: Instant?
    private var place: Place?
    private var cameraIsPaused = false

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
    package var nextDeadline: Instant? { [offerDue, waitsUntil, current?.pingDue].compactMap { $0 }.min() }

    package mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        let wasPaused = isPaused
        let actions = respond(to: event, at: now)
        if isPaused == wasPaused { return actions }
        return actions + [isPaused ? .reportPaused : .reportResumed]
    }

    private var isPaused: Bool { cameraIsPaused || place?.role == .waiting }

    private mutating func respond(to event: Event, at now: Instant) -> [Action] {
        switch event {
        case .joined: return joined(at: now)
        case .left: return left()
        case .received(let message): return received(message, at: now)
        case .offerSet(let session): return offerSet(session)
        case .answerReady(let session, let sdp): return answerReady(session, sdp)
        case .candidateFound(let session, let candidate, let section):
            return candidateFound(session, candidate, section: section)
        case .channelOpened(let session): return current?.number == session ? ping(at: now) : []
        case .peerClosed:
            current = nil
            return []
        case .reconnect(let reason):
            offerDue = nil
            return isJoined ? [.send(.reconnectRequest(reason: reason))] : []
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
            return [.reportMissedOffer]
        }
        return current?.pingDue.map { $0 <= now } == true ? ping(at: now) : []
    }

    private mutating func ping(at now: Instant) -> [Action] {
        current?.pingDue = now + ViewerSession.keepaliveInterval
        return current.map { [.ping(session: $0.number)] } ?? []
    }

    // MARK: - The socket

    private mutating func joined(at now: Instant) -> [Action] {
        isJoined = true
        place = nil
        cameraIsPaused = false
        offerDue = now + ViewerSession.offerPatience
        return [.send(.hello(session: name))]
    }

    private mutating func left() -> [Action] {
        isJoined = false
        offerDue = nil
        remoteQueue = []
        waiting = []
        waitsUntil = nil
        guard let session = current, session.stage != .answered else { return [] }
        current = nil
        return [.closePeer(session: session.number), .reportLostSession]
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
        case .interrupted, .paused:
            cameraIsPaused = true
            offerDue = nil
        case .waiting, .recording, .uploading: cameraIsPaused = false
        default: break
        }
    }

    private mutating func told(_ place: Place, at now: Instant) {
        let arrived = place.cameraIsPresent && self.place?.cameraIsPresent == false
        self.place = place
        // What one camera said of itself does not hold for the next.
        if !place.cameraIsPresent { cameraIsPaused = false }
        if !place.cameraIsPresent || place.role == .waiting {
            offerDue = nil
        } else if arrived {
            offerDue = now + ViewerSession.arrivalPatience
        }
    }

    // MARK: - The conversation

    private mutating func offered(_ sdp: String) -> [Action] {
        cameraIsPaused = false
        do {
            return answer(try Negotiation(offered: sdp, preferring: preferences))
        } catch {
            return [.reportRefusedOffer(error)]
        }
    }

    private mutating func answer(_ negotiation: Negotiation) -> [Action] {
        offerDue = nil
        if let session = current, session.stage == .answered, negotiation.continues(session.negotiation) {
            current = Session(number: session.number, negotiation: negotiation, pingDue: session.pingDue)
            return [.renegotiate(session: session.number, negotiation)]
        }
        let closing = current.map { [Action.closePeer(session: $0.number)] } ?? []
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

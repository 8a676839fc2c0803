// SPDX-License-Identifier: Apache-2.0

import Timing

/// A viewer's sessions with one camera: the one that counts, and perhaps one before it that is retired.
///
/// A retired session goes on until the next one has frames, it is lost, or `retirement` is over; if its own frames come
/// back before there is a next one, it counts again. One is retired at a time, and of two the one that had frames.
struct ViewerSessions: Sendable {
    struct Session: Sendable {
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
        fileprivate(set) var hasFrames = false
    }

    enum Opening {
        /// The same session goes on.
        case resumed(Int, wasRetired: Bool)
        case fresh(Int, closing: [Int])
    }

    static let retirement = Duration.seconds(120)

    var current: Session?
    private var retired: (session: Session, until: Instant)?
    private var lastNumber = 0

    /// When a retired session is to be closed.
    var deadline: Instant? { retired?.until }

    /// Those whose offer has been set.
    var reachable: [Session] { [retired?.session, current].compactMap { $0 }.filter { $0.stage != .settingOffer } }

    func isRetired(_ number: Int) -> Bool { retired?.session.number == number }

    mutating func open(_ negotiation: Negotiation, at now: Instant) -> Opening {
        let wasRetired = current == nil
        if var session = current ?? retired?.session, session.stage == .answered,
            negotiation.continues(session.negotiation)
        {
            session.negotiation = negotiation
            session.stage = .settingOffer
            current = session
            if wasRetired { retired = nil }
            return .resumed(session.number, wasRetired: wasRetired)
        }
        let closing = retire(at: now)
        lastNumber += 1
        current = Session(number: lastNumber, negotiation: negotiation)
        return .fresh(lastNumber, closing: closing)
    }

    /// What counted is retired, or closed if nothing can come of it. Gives those that are closed.
    mutating func retire(at now: Instant) -> [Int] {
        guard let session = current else { return [] }
        guard session.hasFrames || (session.stage == .answered && retired == nil) else { return close() }
        defer { (current, retired) = (nil, (session, now + ViewerSessions.retirement)) }
        return closeRetired()
    }

    /// Frames come of a session.
    mutating func settle(_ number: Int) -> [Int] {
        if current == nil, let session = retired?.session, session.number == number {
            (current, retired) = (session, nil)
        }
        guard current?.number == number else { return [] }
        current?.hasFrames = true
        return closeRetired()
    }

    mutating func close() -> [Int] {
        defer { current = nil }
        return current.map { [$0.number] } ?? []
    }

    mutating func closeRetired() -> [Int] {
        defer { retired = nil }
        return retired.map { [$0.session.number] } ?? []
    }

    /// The way for an answer is gone. Gives what is lost with it.
    mutating func loseUnanswered() -> [Int] {
        guard let session = current, session.stage != .answered else { return [] }
        if !session.hasFrames { return close() }
        current?.stage = .answered
        return []
    }
}

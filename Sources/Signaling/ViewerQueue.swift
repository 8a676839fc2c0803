// SPDX-License-Identifier: Apache-2.0

import Timing

/// The viewers of one camera in the order in which they came, and which of them holds the conversation with it.
///
/// 1. It is the first that came, or the last, by policy; a resident counts as the first, whenever it came.
/// 2. When the holder leaves, the next takes over. If it had named its session, its place is kept for `returnLimit`, so
///    that a receiver which redials or restarts finds it again.
/// 3. A viewer that names a session takes over that session's place, and the socket that was there before is closed. One
///    that stayed away for longer waits like anybody else: whoever was promoted meanwhile is not displaced.
/// 4. A holder that leaves an offer unanswered for `answerLimit` loses the conversation to the next, if there is one: to
///    the viewer that has lost it the fewest times since it last answered. Each of these times doubles the limit, so
///    that slow or mute viewers do not toss it to and fro. A resident keeps it: it shares our loop and is never late.
/// 5. An answer counts only for an offer that its sender was given while holding the conversation with this phone.
struct ViewerQueue: Sendable {
    static let returnLimit = Duration.seconds(5)
    static let answerLimit = Duration.seconds(3)
    /// The limit grows no further than to about a quarter of an hour.
    static let mostDoublings = 8

    private struct Viewer: Sendable {
        let id: PeerID
        let standing: RelayCore.Standing
        /// The name it goes by, since its hello.
        var session: String?
        var told: SignalingMessage?
        /// How often it has lost the conversation since it last answered.
        var lapses = 0
    }

    private enum Place: Equatable, Sendable {
        case free
        case held(by: PeerID)
        case kept(for: String, until: Instant)
    }

    /// The conversation has changed hands.
    struct Handover: Equatable, Sendable {
        let next: PeerID
        /// Who lost it by not answering, if that is why.
        var mute: PeerID?
    }

    private let policy: RelayCore.ViewerPolicy
    /// The newest last.
    private var viewers: [Viewer] = []
    private var place = Place.free
    private var unansweredOffers = 0
    /// When the holder was given the first of them, unless it has answered one since.
    private var unansweredSince: Instant?

    init(policy: RelayCore.ViewerPolicy) { self.policy = policy }

    var ids: [PeerID] { viewers.map(\.id) }

    var nextDeadline: Instant? { [keptUntil, answerDue].compactMap(\.self).min() }

    private var keptUntil: Instant? {
        if case .kept(_, let until) = place { until } else { nil }
    }

    private var answerDue: Instant? {
        guard let unansweredSince, let next, viewers.contains(where: { $0.id == holder && $0.standing == .guest })
        else { return nil }
        return unansweredSince + ViewerQueue.answerLimit * (1 << min(next.lapses, ViewerQueue.mostDoublings))
    }

    var holder: PeerID? {
        if case .held(let id) = place { id } else { nil }
    }

    private var next: Viewer? {
        let others = viewers.filter { $0.id != holder }
        return (policy == .oldest ? others : others.reversed()).min { $0.lapses < $1.lapses }
    }

    // MARK: - Coming and going

    mutating func join(_ id: PeerID, as standing: RelayCore.Standing) -> Handover? {
        viewers.insert(Viewer(id: id, standing: standing), at: standing == .resident ? 0 : viewers.count)
        switch (place, policy) {
        case (.free, _):
            place = .held(by: id)
            return nil
        case (.held, .newest): return handOver(to: id)
        case (.held, .oldest), (.kept, _): return standing == .resident ? handOver(to: id) : nil
        }
    }

    mutating func leave(_ id: PeerID, at now: Instant) -> Handover? {
        let session = viewers.first { $0.id == id }?.session
        viewers.removeAll { $0.id == id }
        guard holder == id else { return nil }
        guard let session else { return handOverToNext() }
        place = .kept(for: session, until: now + ViewerQueue.returnLimit)
        return nil
    }

    /// Takes the place of its session; returns those that had it before.
    mutating func hello(from id: PeerID, session: String, at now: Instant) -> [PeerID] {
        let before = viewers.filter { $0.session == session && $0.id != id }
        let former = before.map(\.id)
        let owns = former.contains { $0 == holder } || isKept(for: session)
        viewers.removeAll { former.contains($0.id) }
        update(id) {
            $0.session = session
            $0.told = nil
            $0.lapses = before.map(\.lapses).max() ?? $0.lapses
        }
        if owns {
            place = .held(by: id)
            // The offers went to the old socket: they may be answered, and need not be.
            unansweredSince = nil
        }
        return former
    }

    private func isKept(for session: String) -> Bool {
        if case .kept(session, _) = place { true } else { false }
    }

    mutating func tick(at now: Instant) -> Handover? {
        if let keptUntil, keptUntil <= now { return handOverToNext() }
        guard let answerDue, answerDue <= now, let holder else { return nil }
        update(holder) { $0.lapses += 1 }
        return handOverToNext(from: holder)
    }

    private mutating func handOverToNext(from mute: PeerID? = nil) -> Handover? {
        if let next { return handOver(to: next.id, from: mute) }
        place = .free
        forgetOffers()
        return nil
    }

    private mutating func handOver(to next: PeerID, from mute: PeerID? = nil) -> Handover {
        forgetOffers()
        place = .held(by: next)
        return Handover(next: next, mute: mute)
    }

    // MARK: - The conversation

    /// Counts an offer, and says who gets it.
    mutating func offered(at now: Instant) -> PeerID? {
        guard let holder else { return nil }
        unansweredOffers += 1
        unansweredSince = unansweredSince ?? now
        return holder
    }

    /// Counts the holder's answer; false if there is no offer for it.
    mutating func answered() -> Bool {
        guard let holder, unansweredOffers > 0 else { return false }
        unansweredOffers -= 1
        unansweredSince = nil
        update(holder) { $0.lapses = 0 }
        return true
    }

    /// One phone's offers are not answered to the next.
    mutating func forgetOffers() {
        unansweredOffers = 0
        unansweredSince = nil
    }

    /// The standing of those who said hello, where they do not know it yet.
    mutating func takeNews(cameraPresent: Bool) -> [(viewer: PeerID, message: SignalingMessage)] {
        var news: [(PeerID, SignalingMessage)] = []
        for index in viewers.indices where viewers[index].session != nil {
            let role: ViewerRole = viewers[index].id == holder ? .holder : .waiting
            let message = SignalingMessage.viewerRole(role, cameraPresent: cameraPresent)
            guard message != viewers[index].told else { continue }
            viewers[index].told = message
            news.append((viewers[index].id, message))
        }
        return news
    }

    private mutating func update(_ id: PeerID, _ body: (inout Viewer) -> Void) {
        for index in viewers.indices where viewers[index].id == id { body(&viewers[index]) }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Timing

/// How often offers are answered: of what comes too soon, the last offer waits for its turn, and with it the candidates
/// that came after it.
struct OfferPace: Sendable {
    static let perSecond = 4
    static let burst = 10

    private var rate: RateLimit?
    private var waiting: [SignalingMessage] = []
    /// When those that wait have their turn.
    private(set) var deadline: Instant?

    /// Keeps what must wait for its turn, and says whether it did.
    mutating func holdBack(_ message: SignalingMessage, at now: Instant) -> Bool {
        switch message {
        case .offer:
            if deadline == nil && admit(at: now) { return false }
            waiting = [message]
            deadline = deadline ?? now + .seconds(1) / OfferPace.perSecond
            return true
        case .ice where !waiting.isEmpty:
            if waiting.count <= WaitingCandidates.limit { waiting.append(message) }
            return true
        default: return false
        }
    }

    mutating func takeDue(at now: Instant) -> [SignalingMessage] {
        guard let deadline, deadline <= now else { return [] }
        defer { forget() }
        return waiting
    }

    /// Forgets who waits, but not how many there were.
    mutating func forget() { (waiting, deadline) = ([], nil) }

    private mutating func admit(at now: Instant) -> Bool {
        var rate = self.rate ?? RateLimit(perSecond: OfferPace.perSecond, burst: OfferPace.burst, at: now)
        defer { self.rate = rate }
        return rate.admit(at: now)
    }
}

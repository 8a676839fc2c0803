// SPDX-License-Identifier: Apache-2.0

/// The phone's candidates, until their offer has been set.
///
/// One that names its ufrag waits for the offer that has it; one that does not belongs to the offer before it.
struct WaitingCandidates: Sendable {
    private struct Entry: Sendable {
        let candidate: ICECandidate
        let trickled: TrickledCandidate
        /// The session that it came after, for one that names no ufrag.
        let session: Int?

        func belongs(to number: Int, _ negotiation: Negotiation) -> Bool {
            candidate.ufrag.map { negotiation.received.ufrags.contains($0) } ?? (session == number)
        }
    }

    /// How many wait at most; the oldest are dropped.
    static let limit = 64

    private var entries: [Entry] = []

    mutating func add(_ trickled: TrickledCandidate, after session: Int?) throws(ICECandidate.Flaw) {
        // The end of candidates needs no answer: the checks end by themselves.
        guard let text = trickled.candidate else { return }
        let candidate = try ICECandidate(parsing: text)
        if candidate.ufrag == nil && session == nil { return }
        entries.append(
            Entry(candidate: candidate, trickled: trickled, session: session), droppingBeyond: WaitingCandidates.limit)
    }

    /// Hands over those of a session, each with its section. What belongs to no section is dropped.
    mutating func take(for session: Int, _ negotiation: Negotiation) -> [(ICECandidate, section: Int)] {
        defer { entries.removeAll { $0.belongs(to: session, negotiation) } }
        return entries.filter { $0.belongs(to: session, negotiation) }.compactMap { entry in
            negotiation.section(of: entry.trickled).map { (entry.candidate, $0) }
        }
    }
}

extension Array {
    /// Appends, and drops from the front what is more than `limit`.
    mutating func append(_ element: Element, droppingBeyond limit: Int) {
        append(element)
        if count > limit { removeFirst(count - limit) }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Timing

/// The numbers of the watchdog's promises, spelled out again, so as not to follow a wrong policy.
enum Promise {
    static let firstReport = Duration.seconds(5)
    static let reportEvery = Duration.seconds(3)
    static let death = Duration.seconds(10)
    static let answer = Duration.seconds(30)
    static let negotiation = Duration.seconds(30)
    /// The time for all of a series of offers.
    static let offers = Duration.seconds(60)
    /// How long a connection that was given up is still listened to.
    static let retirement = Duration.seconds(120)
    /// The time that a stream is given after a goodbye, or in silence after a missed offer.
    static let grace = Duration.seconds(2)
    static let steady = Duration.seconds(10)
    static let rungs: [Duration] = [.seconds(10), .seconds(30), .seconds(60), .seconds(120)]
    /// A request lost just before all was well, the longest wait, the time for an offer and its connection, and the
    /// attempt that succeeds.
    static let healing = answer + .seconds(132) + negotiation + death + answer
    static let actionsPerSecond = 40

    /// The wait after this many failures, a nanosecond wider for rounding.
    static func wait(after failures: Int) -> ClosedRange<Duration> {
        let rung = rungs[min(max(failures, 1), rungs.count) - 1]
        return rung * 9 / 10 - .nanoseconds(1)...rung * 11 / 10 + .nanoseconds(1)
    }
}

/// Plain facts about a stream, each from what the watchdog was told and what it answered.
struct Books: Sendable {
    /// A request not yet answered by frames nor reported as failed.
    struct Request: Sendable {
        let time: Instant
        /// Both sockets that carried it, ours and the camera's, are still open.
        var isCarried = true
    }

    /// The phone's word that it is paused.
    struct Pause: Sendable {
        let since: Instant
        /// Its socket is gone, and who knows what was said since.
        var isHearsay = false
    }

    /// A sign that the stream is over.
    enum Omen {
        case goodbye(until: Instant)
        case missedOffer
    }

    /// What the watchdog has to do by a certain time.
    struct Obligation: Sendable {
        let by: Instant
        let property: Property
        let deed: StaticString

        static let none = Obligation(by: .never, property: .progress, deed: "nothing")
    }

    var isOver = false
    var pause: Pause?
    /// The first of the offers since a frame came, an attempt began, or the phone paused.
    private var firstOffer: Instant?
    var negotiatingUntil: Instant?
    /// Frames of an older connection came meanwhile.
    private(set) var flowsBeside = false
    /// Frames are due, and no new one has come since.
    var dueSince: Instant?
    /// When the silence began: the last new frame, or else what made frames due, or the first sign of a camera.
    var quietSince = Instant.start
    var lastTimestamp: UInt32?
    /// Reports made of the present silence, and how many have been due.
    var reports = 0
    var reportsDue = 0
    /// Until a frame, an offer, a pause or an attempt.
    var omen: Omen?
    /// From an attempt's cause to the next new frame.
    var isTroubled = false
    var request: Request?
    var retryAt: Instant?
    /// Requests since frames were last steady.
    var rung = 0
    private var steadySince: Instant?
    private var lastAsked: Instant?

    var isIdle: Bool { pause == nil && negotiatingUntil == nil && dueSince == nil && !isTroubled }

    /// Frames come, or should come.
    var isWatching: Bool { dueSince != nil && !isTroubled }

    /// Until when an offer, or its connection, is given time.
    var owedUntil: Instant? { negotiatingUntil ?? dueSince.map { $0 + Promise.death } }

    /// When the patience with offers that keep coming ends.
    private var lastCall: Instant { firstOffer.map { $0 + Promise.offers } ?? .never }

    /// A phone that was asked not long ago may be obeying slowly.
    mutating func hearGoodbye(at now: Instant) {
        let mayObey = lastAsked.map { now < $0 + Promise.answer } ?? false
        omen = .goodbye(until: now + (mayObey ? Promise.death : Promise.grace))
    }

    /// When the omen counts as the truth.
    var omenDue: Instant? {
        switch omen {
        case .goodbye(let until): until
        case .missedOffer: dueSince.map { $0 + Promise.grace }
        case nil: nil
        }
    }

    var obligation: Obligation {
        if isOver || pause != nil { return .none }
        let own = obligationWithoutOmen
        guard let omenDue, !isIdle, omenDue < own.by else { return own }
        return Obligation(by: omenDue, property: .persistence, deed: "take the stream for over")
    }

    private var obligationWithoutOmen: Obligation {
        if isTroubled {
            if let request {
                return Obligation(by: request.time + Promise.answer, property: .persistence, deed: "call it failed")
            }
            guard let retryAt else { return .none }
            return Obligation(by: max(retryAt, owedUntil ?? retryAt), property: .persistence, deed: "request again")
        }
        if let dueSince {
            let report = dueSince + Promise.firstReport + Promise.reportEvery * reportsDue
            let death = dueSince + Promise.death
            return report < death
                ? Obligation(by: report, property: .reports, deed: "report the silence")
                : Obligation(by: death, property: .detection, deed: "declare the stream dead")
        }
        guard let owedUntil else { return .none }
        return Obligation(by: owedUntil, property: .persistence, deed: "make an attempt")
    }

    /// An offer is answered from now on.
    mutating func negotiate(from now: Instant) {
        omen = nil
        firstOffer = firstOffer ?? now
        negotiatingUntil = min(now + Promise.negotiation, lastCall)
        dueSince = nil
        lastTimestamp = nil
        if isTroubled { flowsBeside = false }
    }

    /// What is offered comes to nothing; if an older connection flows on, that is no loss. Says whether it does.
    mutating func giveUpOffer(at now: Instant) -> Bool {
        guard flowsBeside, negotiatingUntil != nil else { return false }
        (negotiatingUntil, flowsBeside) = (nil, false)
        dueSince = quietSince
        return true
    }

    /// Frames are due from now on.
    mutating func expectFrames(from now: Instant) {
        (negotiatingUntil, flowsBeside) = (nil, false)
        dueSince = isTroubled ? min(now, lastCall) : now
        reports = 0
        reportsDue = 0
        steadySince = nil
        if !isTroubled { quietSince = now }
    }

    /// A new frame came, of the connection that was offered last or of an older one.
    mutating func progress(isOlder: Bool, at now: Instant) {
        if !isWatching && !flowsBeside { steadySince = nil }
        flowsBeside = isOlder && negotiatingUntil != nil
        pause = nil
        firstOffer = nil
        if !flowsBeside { negotiatingUntil = nil }
        dueSince = flowsBeside ? nil : now
        quietSince = now
        reports = 0
        reportsDue = 0
        omen = nil
        isTroubled = false
        request = nil
        retryAt = nil
        guard rung > 0 else { return }
        let since = steadySince ?? now
        steadySince = since
        if since + Promise.steady <= now { rung = 0 }
    }

    /// Nothing is due while the phone says so. A recovery under way keeps its request, its wait and its fresh peer.
    mutating func rest(at now: Instant) {
        pause = Pause(since: now)
        firstOffer = nil
        omen = nil
        if isTroubled { return }
        (negotiatingUntil, flowsBeside) = (nil, false)
        dueSince = nil
        reports = 0
        reportsDue = 0
    }

    /// The stream is over, and so is any offer's connection.
    mutating func fail() {
        omen = nil
        if pause != nil || isIdle { return }
        isTroubled = true
        (negotiatingUntil, flowsBeside) = (nil, false)
        dueSince = nil
    }

    /// A request is made, and of what was before only this still counts.
    mutating func ask(at now: Instant) {
        var books = Books()
        books.quietSince = quietSince
        books.lastTimestamp = lastTimestamp
        books.rung = rung + 1
        books.isTroubled = true
        books.request = Request(time: now)
        books.lastAsked = now
        self = books
    }
}

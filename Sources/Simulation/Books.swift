// SPDX-License-Identifier: Apache-2.0

import Timing

/// The numbers of the watchdog's promises, spelled out again: they must not follow a wrong policy.
enum Promise {
    static let firstReport = Duration.seconds(5)
    static let reportEvery = Duration.seconds(3)
    static let death = Duration.seconds(10)
    static let answer = Duration.seconds(30)
    static let negotiation = Duration.seconds(30)
    static let steady = Duration.seconds(10)
    static let rungs: [Duration] = [.seconds(10), .seconds(30), .seconds(60), .seconds(120)]
    /// A request lost just before all was well, the longest wait, what is owed to an offer and its connection, and the
    /// attempt that succeeds.
    static let healing = answer + .seconds(132) + negotiation + death + answer
    static let actionsPerSecond = 40

    /// The wait after so many failures, a nanosecond wider for the rounding of a fraction.
    static func wait(after failures: Int) -> ClosedRange<Duration> {
        let rung = rungs[min(max(failures, 1), rungs.count) - 1]
        return rung * 9 / 10 - .nanoseconds(1)...rung * 11 / 10 + .nanoseconds(1)
    }
}

/// Plain facts about a stream, each from what the watchdog was told and what it answered.
struct Books: Sendable {
    /// A request that neither frames have answered nor a report called failed.
    struct Request: Sendable {
        let time: Instant
        /// The socket that carried it is open still.
        var isCarried = true
    }

    /// The phone's word that it is paused.
    struct Pause: Sendable {
        let since: Instant
        /// The socket that it came over is gone, and who knows what was said since.
        var isHearsay = false
    }

    /// What the watchdog must do by a certain time.
    struct Obligation: Sendable {
        let by: Instant
        let property: Property
        let deed: StaticString

        static let none = Obligation(by: .never, property: .progress, deed: "nothing")
    }

    var isOver = false
    var pause: Pause?
    var negotiatingSince: Instant?
    /// Frames are due, and since then none was new.
    var dueSince: Instant?
    /// When the silence began: the last new frame, or else what made frames due, or the first sign of a camera.
    var quietSince = Instant.start
    var lastTimestamp: UInt32?
    /// Reports made of the present silence.
    var reports = 0
    /// From an attempt's cause to the next new frame.
    var isTroubled = false
    var request: Request?
    var retryAt: Instant?
    /// Requests since frames were last steady.
    var rung = 0
    private var steadySince: Instant?

    var isIdle: Bool { pause == nil && negotiatingSince == nil && dueSince == nil && !isTroubled }

    /// Frames come, or should.
    var isWatching: Bool { dueSince != nil && !isTroubled }

    /// Until when an offer, or a connection made out of it, is given its time.
    var owedUntil: Instant? {
        negotiatingSince.map { $0 + Promise.negotiation } ?? dueSince.map { $0 + Promise.death }
    }

    var obligation: Obligation {
        if isOver || pause != nil { return .none }
        if isTroubled {
            if let request {
                return Obligation(by: request.time + Promise.answer, property: .persistence, deed: "call it failed")
            }
            guard let retryAt else { return .none }
            return Obligation(by: max(retryAt, owedUntil ?? retryAt), property: .persistence, deed: "request again")
        }
        if let dueSince {
            let report = dueSince + Promise.firstReport + Promise.reportEvery * reports
            let death = dueSince + Promise.death
            return report < death
                ? Obligation(by: report, property: .reports, deed: "report the silence")
                : Obligation(by: death, property: .detection, deed: "declare the stream dead")
        }
        guard let owedUntil else { return .none }
        return Obligation(by: owedUntil, property: .persistence, deed: "make an attempt")
    }

    /// Frames are due from now on.
    mutating func expectFrames(from now: Instant) {
        negotiatingSince = nil
        dueSince = now
        reports = 0
        steadySince = nil
        if !isTroubled { quietSince = now }
    }

    /// A new frame came.
    mutating func progress(at now: Instant) {
        if !isWatching { steadySince = nil }
        pause = nil
        negotiatingSince = nil
        dueSince = now
        quietSince = now
        reports = 0
        isTroubled = false
        request = nil
        retryAt = nil
        guard rung > 0 else { return }
        let since = steadySince ?? now
        steadySince = since
        if since + Promise.steady <= now { rung = 0 }
    }

    /// Nothing is due while the phone says so; what was under way is forgotten.
    mutating func rest(at now: Instant) {
        self = Books(resting: self)
        pause = Pause(since: now)
    }

    /// A request is made.
    mutating func ask(at now: Instant) {
        self = Books(resting: self)
        isTroubled = true
        request = Request(time: now)
        rung += 1
        lastTimestamp = nil
    }

    init() {}

    /// What outlives a pause or an attempt.
    private init(resting books: Books) {
        quietSince = books.quietSince
        lastTimestamp = books.lastTimestamp
        rung = books.rung
    }
}

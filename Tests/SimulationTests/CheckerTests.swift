// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing
import Watchdog

@testable import Simulation

/// The checker, given answers that no real watchdog gave.
struct CheckerTests {
    @Test func `a watchdog that keeps its promises passes`() {
        var record = Record.deadAt12
        record.tell(.offered, at: 13, deadline: 42)
        record.tell(.connected, at: 14, deadline: 42)
        record.frame(at: 15, [.reportRecovery(silence: .seconds(13))], deadline: 20)
        record.tell(.paused, at: 16)
        record.frame(at: 17)
        record.tell(.resumed, at: 30, deadline: 35)
        record.tell(.shutdown, at: 31)
        #expect(record.checker.violation == nil)
        #expect(record.checker.summary.episodes == 1)
        #expect(record.checker.summary.requests == 1)
        #expect(record.checker.summary.worstDetection == .seconds(10))
    }

    @Test(arguments: BrokenPromise.all)
    func `a broken promise is a violation`(broken: BrokenPromise) throws {
        var record = broken.start
        #expect(record.checker.violation == nil)
        broken.breaking(&record)
        let violation = try #require(record.checker.violation)
        #expect(violation.property == broken.property)
        #expect(!violation.found.isEmpty)
    }

    @Test func `a request that went down with its socket may be repeated`() {
        var record = Record.deadAt12
        record.checker.noteLoss(of: .viewer)
        record.tell(.missed(.missedOffer), at: 20, Record.attempt(.missedOffer, silence: 18), deadline: 50)
        #expect(record.checker.violation == nil)
    }

    @Test func `a machine that slept is late without blame`() {
        var record = Record.streaming
        record.checker.look(healthySince: nil, awakeAt: .init(sinceOrigin: .seconds(100)))
        let actions = [.declareDead(silence: .seconds(98))] + Record.attempt(.silence, silence: 98)
        record.tell(.tick, at: 100, actions, deadline: 130)
        #expect(record.checker.violation == nil)
        #expect(record.checker.summary.worstDetection == .zero)
    }
}

/// What a watchdog was told, and what it is said to have answered.
struct Record: Sendable {
    var checker = Checker()
    private var timestamp: UInt32 = 0

    mutating func tell(
        _ event: FrameWatchdog.Event, at time: Int, _ actions: [FrameWatchdog.Action] = [], deadline: Int? = nil
    ) {
        checker.observe(event, at: Record.instant(time), actions, deadline: deadline.map(Record.instant) ?? .never)
    }

    mutating func frame(at time: Int, _ actions: [FrameWatchdog.Action] = [], deadline: Int? = nil) {
        timestamp += 1
        checker.observeFrame(
            timestamp, at: Record.instant(time), actions, deadline: deadline.map(Record.instant) ?? .never,
            reading: nil)
    }

    /// Connected at 1 s, the last frame at 2 s.
    static var streaming: Record {
        var record = Record()
        record.tell(.offered, at: 0, deadline: 30)
        record.tell(.connected, at: 1, deadline: 6)
        record.frame(at: 2, deadline: 7)
        return record
    }

    /// Then declared dead at 12 s, and a request made.
    static var deadAt12: Record {
        var record = streaming
        record.tell(.tick, at: 7, [.reportSilence(.seconds(5), failure: 1)], deadline: 10)
        record.tell(.tick, at: 10, [.reportSilence(.seconds(8), failure: 2)], deadline: 12)
        record.tell(
            .tick, at: 12, [.declareDead(silence: .seconds(10))] + attempt(.silence, silence: 10), deadline: 42)
        return record
    }

    static func attempt(_ trouble: FrameWatchdog.Trouble, silence: Int) -> [FrameWatchdog.Action] {
        [.attempt(trouble, silence: .seconds(silence))]
    }

    private static func instant(_ seconds: Int) -> Instant { Instant(sinceOrigin: .seconds(seconds)) }
}

struct BrokenPromise: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let property: Property
    let start: Record
    let breaking: @Sendable (inout Record) -> Void

    init(
        _ name: String, _ property: Property, after start: Record,
        _ breaking: @escaping @Sendable (inout Record) -> Void
    ) {
        testDescription = name
        self.property = property
        self.start = start
        self.breaking = breaking
    }

    static let all = [
        BrokenPromise("death goes unnoticed", .detection, after: .streaming) {
            $0.tell(.tick, at: 7, [.reportSilence(.seconds(5), failure: 1)], deadline: 10)
            $0.tell(.tick, at: 10, [.reportSilence(.seconds(8), failure: 2)], deadline: 13)
        },
        BrokenPromise("death comes too early", .detection, after: .streaming) {
            $0.tell(.tick, at: 5, [.declareDead(silence: .seconds(3))], deadline: 35)
        },
        BrokenPromise("a paused phone is asked", .restraint, after: .streaming) {
            $0.tell(.paused, at: 3)
            $0.tell(.tick, at: 13, Record.attempt(.silence, silence: 11), deadline: 43)
        },
        BrokenPromise("an offer is cut short", .restraint, after: .streaming) {
            $0.tell(.offered, at: 3, deadline: 33)
            $0.tell(.tick, at: 32, Record.attempt(.negotiation, silence: 30), deadline: 62)
        },
        BrokenPromise("a goodbye is failure at once", .restraint, after: .streaming) {
            $0.tell(.gone, at: 3, Record.attempt(.gone, silence: 1), deadline: 33)
        },
        BrokenPromise("a goodbye goes unnoticed", .persistence, after: .streaming) {
            $0.tell(.gone, at: 3, deadline: 7)
        },
        BrokenPromise("a missed offer goes unnoticed", .persistence, after: .streaming) {
            $0.tell(.missed(.missedOffer), at: 3, deadline: 7)
        },
        BrokenPromise("a missed offer is asked for while frames come", .restraint, after: .streaming) {
            $0.frame(at: 3, deadline: 8)
            $0.tell(.missed(.missedOffer), at: 4, Record.attempt(.missedOffer, silence: 1), deadline: 34)
        },
        BrokenPromise("a loop of requests although all is well", .calm, after: .streaming) {
            $0.checker.look(healthySince: .start, awakeAt: .start)
            for second in [3, 15] {
                $0.tell(.failed, at: second, Record.attempt(.failure, silence: 1), deadline: second + 30)
                $0.frame(at: second + 1, [.reportRecovery(silence: .seconds(2))], deadline: second + 6)
                for later in 1...10 { $0.frame(at: second + 1 + later, deadline: second + 6 + later) }
            }
        },
        BrokenPromise("a second request", .oneAtATime, after: .deadAt12) {
            $0.tell(.tick, at: 20, Record.attempt(.silence, silence: 18), deadline: 50)
        },
        BrokenPromise("silence after a failure", .persistence, after: .deadAt12) {
            $0.tell(.tick, at: 42, [.reportFailure(attempt: 1)])
        },
        BrokenPromise("a wait of the wrong rung", .persistence, after: .deadAt12) {
            $0.tell(.tick, at: 42, [.reportFailure(attempt: 1), .announceRetry(in: .seconds(30))], deadline: 72)
        },
        BrokenPromise("no frames although all is well", .healing, after: .deadAt12) {
            $0.checker.look(healthySince: .start, awakeAt: .start)
            $0.tell(.tick, at: 42, [.reportFailure(attempt: 1), .announceRetry(in: .seconds(10))], deadline: 52)
        },
        BrokenPromise("a pause forgets the request", .oneAtATime, after: .deadAt12) {
            $0.tell(.paused, at: 13)
            $0.tell(.resumed, at: 14, deadline: 19)
            $0.tell(.tick, at: 24, Record.attempt(.silence, silence: 22), deadline: 54)
        },
        BrokenPromise("an attempt that failed in a pause is forgotten", .persistence, after: .deadAt12) {
            $0.tell(.paused, at: 13)
            $0.tell(.resumed, at: 50, deadline: 60)
        },
        BrokenPromise("offers put an attempt off for ever", .persistence, after: .streaming) {
            $0.tell(.offered, at: 3, deadline: 33)
            $0.tell(.offered, at: 30, deadline: 60)
            $0.tell(.offered, at: 57, deadline: 87)
        },
        BrokenPromise("connections put a retry off for ever", .persistence, after: .deadAt12) {
            $0.tell(.offered, at: 41, deadline: 42)
            $0.tell(.tick, at: 42, [.reportFailure(attempt: 1), .announceRetry(in: .seconds(10))], deadline: 71)
            for second in stride(from: 70, through: 100, by: 10) {
                $0.tell(.offered, at: second, deadline: min(second + 30, 101))
                $0.tell(.connected, at: second + 1, deadline: second + 11)
            }
            $0.tell(.offered, at: 110, deadline: 140)
        },
        BrokenPromise("a reading left out", .reports, after: .streaming) {
            for second in 3...61 { $0.frame(at: second, deadline: second + 5) }
        },
        BrokenPromise("a deadline in the past", .progress, after: .streaming) {
            $0.frame(at: 4, deadline: 3)
        },
        BrokenPromise("a tick that moves nothing", .progress, after: .streaming) {
            $0.tell(.tick, at: 7, [.reportSilence(.seconds(5), failure: 1)], deadline: 7)
        },
        BrokenPromise("life after the end", .end, after: .streaming) {
            $0.tell(.shutdown, at: 3)
            $0.tell(.missed(.missedOffer), at: 4, Record.attempt(.missedOffer, silence: 2), deadline: 34)
        },
        BrokenPromise("a recovery untold", .reports, after: .deadAt12) {
            $0.frame(at: 14, deadline: 19)
        },
        BrokenPromise("a recovery told wrongly", .reports, after: .deadAt12) {
            $0.frame(at: 14, [.reportRecovery(silence: .seconds(2))], deadline: 19)
        },
        BrokenPromise("a silence told twice", .reports, after: .streaming) {
            $0.tell(.tick, at: 7, [.reportSilence(.seconds(5), failure: 1)], deadline: 10)
            $0.tell(.tick, at: 8, [.reportSilence(.seconds(6), failure: 1)], deadline: 10)
        },
    ]
}

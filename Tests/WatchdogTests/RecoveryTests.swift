// SPDX-License-Identifier: Apache-2.0

import Testing
import Watchdog

@Suite("How a stream comes back")
struct RecoveryTests {
    /// Dead and asked for at 30 s.
    func dead(_ change: (inout FrameWatchdog.Policy) -> Void = { _ in }) -> Stream {
        var stream = Stream.flowing(until: 20, change)
        stream.wait(until: 30)
        return stream
    }

    @Test func `the first new frame after a request is success, and says how long the silence was`() {
        var stream = dead()
        stream.after(31, .offered)
        stream.after(32, .connected)
        stream.frame(at: 32.5)
        #expect(stream.deeds(since: 31) == [deed(32.5, .reportRecovery(silence: .milliseconds(12500)))])
        stream.wait(until: 43)
        #expect(stream.requests == [30, 42.5])
    }

    @Test func `30 s without a frame is a failed attempt, and the waits are 10, 30, 60, 120, 120 s`() {
        var stream = dead()
        stream.wait(until: 900)
        #expect(stream.requests == [30, 70, 130, 220, 370, 520, 670, 820])
        #expect(
            stream.deeds(since: 31).prefix(3) == [
                deed(60, .reportFailure(attempt: 1)), deed(60, .announceRetry(in: .seconds(10))),
            ] + attempt(70, silence: .seconds(50)))
    }

    @Test(arguments: [(-1.0, 69.0), (1.0, 71.0)])
    func `jitter moves the wait by a tenth`(jitter: Double, second: Double) {
        var stream = dead()
        stream.jitter = jitter
        stream.wait(until: 75)
        #expect(stream.requests == [30, second])
    }

    @Test func `no second request goes out while the first may still be answered`() {
        var stream = dead()
        stream.after(31, .offered)
        stream.after(32, .connected)
        stream.wait(until: 59.9)
        #expect(stream.requests == [30])
    }

    @Test func `a retry waits for a negotiation that began late, and for its first frame`() {
        var stream = dead()
        stream.after(69, .offered)
        stream.wait(until: 80)
        #expect(stream.requests == [30])
        stream.after(90, .connected)
        #expect(stream.nextDeadline == 100)
        stream.wait(until: 100)
        #expect(stream.requests == [30, 100])
    }

    @Test func `a frame between attempts is success as well`() {
        var stream = dead()
        stream.after(62, .offered)
        stream.after(63, .connected)
        stream.frame(at: 64)
        #expect(stream.deeds.last == deed(64, .reportRecovery(silence: .seconds(44))))
    }

    @Test(arguments: [(9.8, 30.0), (10.2, 10.0)])
    func `the ladder stays where it was until frames have flowed for 10 s`(flow: Double, wait: Double) throws {
        var stream = dead()
        stream.after(31, .offered)
        stream.after(32, .connected)
        stream.flow(from: 32, until: 32 + flow, every: 0.2)
        let second = 42 + flow
        stream.wait(until: second + 170)
        try #require(stream.requests.count > 2)
        #expect(abs(stream.requests[1] - second) < 1e-6)
        #expect(abs(stream.requests[2] - (second + 30 + wait)) < 1e-6)
    }

    @Test func `max-attempts ends the asking, and a stream that comes by itself is taken`() {
        var stream = dead { $0.maxAttempts = 2 }
        stream.wait(until: 1000)
        #expect(stream.requests == [30, 70])
        #expect(stream.deeds.last == deed(100, .giveUp(attempts: 2)))
        #expect(stream.nextDeadline == nil)
        stream.after(2000, .offered)
        stream.after(2001, .connected)
        stream.flow(from: 2002, until: 2020)
        stream.wait(until: 2031)
        #expect(stream.requests == [30, 70, 2030])
    }

    @Test func `a peer that fails outright is asked for at once, and from then on by the ladder`() {
        var stream = Stream.flowing(until: 20)
        stream.handle(.failed, at: 20.5)
        #expect(stream.deeds == attempt(20.5, .failure, silence: .milliseconds(500)))
        stream.after(21, .offered)
        stream.after(22, .failed)
        #expect(
            stream.deeds(since: 22) == [
                deed(22, .reportFailure(attempt: 1)), deed(22, .announceRetry(in: .seconds(10))),
            ])
        stream.wait(until: 33)
        #expect(stream.requests == [20.5, 32])
    }

    @Test func `a phone that connects and fails at once is not hammered`() {
        var stream = Stream.flowing(until: 20)
        var second = 20.0
        while second < 600 {
            stream.after(second, .failed)
            stream.after(second + 0.1, .offered)
            stream.after(second + 0.2, .connected)
            stream.frame(at: second + 0.3)
            second += 0.5
        }
        #expect(stream.requests == [20])
    }

    @Test func `an offer that was missed is asked for, unless one is being answered`() {
        var stream = Stream()
        stream.handle(.missed(.missedOffer), at: 2)
        #expect(stream.deeds == attempt(2, .missedOffer, silence: .zero))

        stream = Stream()
        stream.handle(.offered, at: 1)
        stream.after(2, .missed(.missedOffer))
        #expect(stream.requests.isEmpty)
    }

    @Test func `a relay that came back is asked anew at once, whatever the ladder says`() {
        var stream = dead()
        stream.after(400, .missed(.missedOffer))
        #expect(stream.requests.last == 400)
    }
}

@Suite("Offers that keep coming")
struct FutileOfferTests {
    /// Frames until 20 s, then the same again and again from 25 s on.
    func stream(
        each pause: Double, until end: Double, connecting: Double? = nil,
        _ change: (inout FrameWatchdog.Policy) -> Void = { _ in }
    ) -> Stream {
        var stream = Stream.flowing(until: 20, change)
        for second in Swift.stride(from: 25, to: end, by: pause) {
            stream.after(second, .offered)
            if let connecting { stream.after(second + connecting, .connected) }
            if let deadline = stream.nextDeadline { #expect(deadline > stream.now) }
        }
        return stream
    }

    @Test func `without ever connecting have 60 s together before an attempt`() {
        let stream = stream(each: 25, until: 3600)
        #expect(stream.deeds(since: 26).prefix(1) == attempt(85, .negotiation, silence: .seconds(65))[...])
        #expect(stream.requests.count > 20)
        #expect(zip(stream.requests, stream.requests.dropFirst()).allSatisfy { $1 - $0 <= 30 + 120 + 25 })
    }

    @Test(arguments: [0.1, 1, 8.9])
    func `and connecting without a frame end in an attempt, too`(connecting: Double) throws {
        let stream = stream(each: 9, until: 3600, connecting: connecting)
        let first = try #require(stream.requests.first)
        #expect((85...95).contains(first))
        #expect(zip(stream.requests, stream.requests.dropFirst()).allSatisfy { $1 - $0 <= 30 + 120 + 10 })
    }

    @Test func `put a retry off for 60 s at most`() {
        var stream = Stream.flowing(until: 20)
        for second in Swift.stride(from: 61.0, to: 200, by: 8) { stream.after(second, .offered) }
        #expect(stream.requests.prefix(2) == [30, 121])
    }

    @Test func `and connecting at the very last put it off for 10 s more`() {
        var stream = Stream.flowing(until: 20)
        for second in [61.0, 85, 109] { stream.after(second, .offered) }
        stream.after(120, .connected)
        stream.after(125, .offered)
        #expect(stream.requests == [30, 125])

        stream = Stream.flowing(until: 20)
        for second in [61.0, 85, 109] { stream.after(second, .offered) }
        stream.after(120, .connected)
        #expect(stream.nextDeadline == 130)
    }

    @Test func `have a new patience after a frame`() {
        var stream = Stream.flowing(until: 20)
        for second in Swift.stride(from: 25.0, to: 600, by: 12) {
            stream.after(second, .offered)
            stream.frame(at: second + 5)
        }
        #expect(stream.requests.isEmpty)
    }
}

@Suite("A pause in the midst of a recovery")
struct PausedRecoveryTests {
    /// Dead and asked for at 30 s, and paused at `second`.
    func paused(at second: Double = 31, _ change: (inout FrameWatchdog.Policy) -> Void = { _ in }) -> Stream {
        var stream = Stream.flowing(until: 20, change)
        stream.after(second, .paused)
        return stream
    }

    @Test func `nothing is asked for while it lasts`() {
        var stream = paused()
        #expect(stream.nextDeadline == nil)
        stream.wait(until: 500)
        #expect(stream.requests == [30])
    }

    @Test func `the request from before it stays outstanding, however often the phone pauses and resumes`() {
        var stream = paused()
        stream.after(32, .resumed)
        #expect(stream.nextDeadline == 60)
        stream.after(45, .paused)
        stream.after(46, .paused)
        stream.after(47, .resumed)
        stream.wait(until: 75)
        #expect(stream.requests == [30, 70])
    }

    @Test func `the ladder's waits go on, and a phone that resumed just before one ends is given 10 s`() {
        var stream = Stream.flowing(until: 20)
        stream.after(400, .paused)
        #expect(stream.requests == [30, 70, 130, 220, 370])
        // Asked at 370, failed at 400, and due again at 520.
        for second in stride(from: 412.0, to: 510, by: 12) {
            stream.after(second, .resumed)
            stream.after(second + 6, .paused)
        }
        stream.after(514, .resumed)
        stream.wait(until: 523.9)
        #expect(stream.requests.last == 370)
        stream.wait(until: 524)
        #expect(stream.requests.last == 524)
    }

    @Test func `an attempt that ran out meanwhile is a failed one when the phone resumes`() {
        var stream = paused()
        stream.after(100, .resumed)
        #expect(
            stream.deeds(since: 31) == [
                deed(100, .reportFailure(attempt: 1)), deed(100, .announceRetry(in: .seconds(10))),
            ])
        stream.wait(until: 115)
        #expect(stream.requests == [30, 110])
    }

    @Test func `a wait that ran out meanwhile leaves a phone that resumes 10 s for a frame`() {
        var stream = paused(at: 61)
        stream.after(100, .resumed)
        #expect(stream.nextDeadline == 110)
        stream.frame(at: 104)
        #expect(stream.deeds.last == deed(104, .reportRecovery(silence: .seconds(84))))
        #expect(stream.requests == [30])
    }

    @Test func `frames that end it are a recovery`() {
        var stream = paused()
        stream.frame(at: 40)
        #expect(stream.deeds(since: 31).isEmpty)
        stream.frame(at: 41)
        #expect(stream.deeds(since: 31) == [deed(41, .reportRecovery(silence: .seconds(21)))])
        #expect(stream.nextDeadline == 46)
    }

    @Test func `an offer ends it, and is given its time`() {
        var stream = paused()
        stream.after(65, .offered)
        #expect(
            stream.deeds(since: 31) == [
                deed(65, .reportFailure(attempt: 1)), deed(65, .announceRetry(in: .seconds(10))),
            ])
        #expect(stream.nextDeadline == 95)
        stream.wait(until: 96)
        #expect(stream.requests == [30, 95])
    }

    @Test func `an offer that was missed meanwhile is asked for, unless one is being answered`() {
        var stream = paused()
        stream.after(40, .missed(.missedOffer))
        #expect(stream.requests == [30, 40])

        stream = Stream.flowing(until: 20)
        stream.after(32, .offered)
        stream.after(33, .paused)
        stream.after(40, .missed(.missedOffer))
        #expect(stream.nextDeadline == 60)
        stream.wait(until: 75)
        #expect(stream.requests == [30, 70])
    }

    @Test func `who gave up says so once, whatever offers are missed`() {
        var stream = paused(at: 61) { $0.maxAttempts = 1 }
        #expect(stream.deeds.last == deed(60, .giveUp(attempts: 1)))
        for second in [70.0, 80, 90] { stream.after(second, .missed(.missedOffer)) }
        stream.after(95, .paused)
        stream.after(96, .resumed)
        #expect(stream.deeds(since: 61).isEmpty)
        #expect(stream.nextDeadline == nil)
    }
}

@Suite("When nothing may be asked for")
struct QuietTests {
    @Test func `while the phone says that it is paused nothing is due, and the watch begins anew after it`() {
        var stream = Stream.flowing(until: 20)
        stream.after(21, .paused)
        #expect(stream.nextDeadline == nil)
        stream.after(500, .resumed)
        stream.wait(until: 511)
        #expect(stream.requests == [510])
    }

    @Test func `frames still on their way when the pause began do not end it`() {
        var stream = Stream.flowing(until: 20)
        stream.after(20.1, .paused)
        stream.frame(at: 20.2)
        stream.wait(until: 100)
        #expect(stream.deeds.isEmpty)
    }

    @Test func `frames that still come 10 s into a pause end it: the word for that was lost`() {
        var stream = Stream.flowing(until: 20)
        stream.after(20.1, .paused)
        stream.flow(from: 60, until: 62)
        stream.wait(until: 73)
        #expect(stream.requests == [72])
    }

    @Test func `a new offer ends the pause`() {
        var stream = Stream.flowing(until: 20)
        stream.after(21, .paused)
        stream.after(50, .offered)
        stream.wait(until: 81)
        #expect(stream.requests == [80])
    }

    static let events: [FrameWatchdog.Event] = [
        .offered, .connected, .frame(timestamp: 1), .failed, .gone, .missed(.missedOffer), .missed(.refusedOffer),
        .paused, .resumed,
        .tick, .shutdown,
    ]

    @Test(arguments: events)
    func `after shutdown nothing happens`(event: FrameWatchdog.Event) {
        var stream = Stream.flowing(until: 20)
        stream.handle(.gone, at: 21)
        stream.handle(.shutdown, at: 21)
        stream.handle(event, at: 60)
        #expect(stream.deeds.isEmpty)
        #expect(stream.nextDeadline == nil)
    }
}

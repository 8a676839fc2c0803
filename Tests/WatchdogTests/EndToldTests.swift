// SPDX-License-Identifier: Apache-2.0

import Testing
import Watchdog

@Suite("A goodbye")
struct GoodbyeTests {
    @Test func `that an offer follows is no trouble`() {
        var stream = Stream.flowing(until: 20)
        stream.after(20.5, .gone)
        stream.after(20.52, .offered)
        stream.after(21, .connected)
        stream.flow(from: 21.1, until: 40)
        #expect(stream.deeds.isEmpty)
    }

    @Test func `that no offer follows within 2 s is a connection that failed`() {
        var stream = Stream.flowing(until: 20)
        stream.after(20.5, .gone)
        #expect(stream.nextDeadline == 22.5)
        stream.wait(until: 30)
        #expect(stream.deeds == attempt(22.5, .gone, silence: .milliseconds(2500)))
    }

    @Test(arguments: [0.1, 3, 9, 11.9, 12, 25], [0.02, 2.5, 6])
    func `of a phone that obeys after its own offer starts no loop, however late`(delay: Double, pause: Double) {
        // Asked at 30 s, it had just offered of itself.
        var stream = Stream.flowing(until: 20)
        stream.after(30.01, .offered)
        var obeyed = 0
        while obeyed < stream.requests.count && stream.now < 400 {
            stream.after(stream.now + 0.3, .connected)
            let obedience = max(stream.requests[obeyed] + delay, stream.now)
            if stream.now + 0.1 < obedience { stream.flow(from: stream.now + 0.1, until: obedience, every: 0.1) }
            stream.after(obedience, .gone)
            stream.after(obedience + pause, .offered)
            obeyed += 1
        }
        stream.after(stream.now + 0.3, .connected)
        stream.flow(from: stream.now + 0.1, until: stream.now + 60, every: 0.1)
        #expect(stream.requests == [30])
        #expect(!stream.deeds.contains { if case .reportFailure = $0.action { true } else { false } })
    }

    @Test func `leaves a request outstanding if an offer follows, and ends it as a failed one if none does`() {
        var stream = Stream.flowing(until: 20)
        stream.after(30.5, .offered)
        stream.after(31, .connected)
        stream.after(33, .gone)
        var other = stream
        stream.after(33.02, .offered)
        stream.after(33.5, .connected)
        stream.frame(at: 34)
        #expect(stream.deeds(since: 30.1) == [deed(34, .reportRecovery(silence: .seconds(14)))])
        other.wait(until: 58)
        #expect(
            other.deeds(since: 30.1) == [
                deed(43, .reportFailure(attempt: 1)), deed(43, .announceRetry(in: .seconds(10))),
            ] + attempt(53, silence: .seconds(33)))
    }

    @Test func `soon after a recovery waits its rung, so that a phone which comes and goes is not hammered`() {
        var stream = Stream.flowing(until: 20)
        stream.after(31, .offered)
        stream.flow(from: 32, until: 35)
        stream.after(35, .gone)
        stream.wait(until: 56)
        #expect(
            stream.deeds(since: 36) == [
                deed(40, .reportSilence(.seconds(5), failure: 1)), deed(43, .reportSilence(.seconds(8), failure: 2)),
                deed(45, .announceRetry(in: .seconds(10))),
            ] + attempt(55, .gone, silence: .seconds(20)))
    }

    @Test func `puts no death off, and is forgotten in a pause`() {
        var stream = Stream.flowing(until: 20)
        stream.after(29, .gone)
        stream.wait(until: 31)
        #expect(
            stream.deeds(since: 30) == [deed(30, .declareDead(silence: .seconds(10)))]
                + attempt(30, silence: .seconds(10)))

        stream = Stream.flowing(until: 20)
        stream.after(20.5, .gone)
        stream.after(21, .paused)
        #expect(stream.nextDeadline == nil)
    }
}

@Suite("An offer that was missed while frames were due")
struct MissedOfferTests {
    @Test(arguments: [(20.5, 22), (21.9, 22), (22, 22), (23, 23)])
    func `is asked for once they have stayed away for 2 s`(missed: Double, asked: Double) {
        var stream = Stream.flowing(until: 20)
        stream.after(missed, .missed(.missedOffer))
        stream.wait(until: 29)
        #expect(stream.deeds == attempt(asked, .missedOffer, silence: .milliseconds(Int64((asked - 20) * 1000))))
    }

    @Test func `is not asked for while they come`() {
        var stream = Stream.flowing(until: 20)
        stream.after(20.02, .missed(.missedOffer))
        stream.flow(from: 20.04, until: 60)
        #expect(stream.deeds.isEmpty)
        stream.wait(until: 65)
        #expect(stream.deeds == [deed(65, .reportSilence(.seconds(5), failure: 1))])
    }

    @Test func `is forgotten when one comes`() {
        var stream = Stream.flowing(until: 20)
        stream.after(21, .missed(.missedOffer))
        stream.after(21.5, .offered)
        stream.wait(until: 40)
        #expect(stream.deeds.isEmpty)
    }

    @Test func `is asked for by its own name where it came and was refused`() {
        var stream = Stream()
        stream.handle(.missed(.refusedOffer), at: 2)
        #expect(stream.deeds == attempt(2, .refusedOffer, silence: .zero))
    }
}

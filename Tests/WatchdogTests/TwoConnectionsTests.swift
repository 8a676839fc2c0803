// SPDX-License-Identifier: Apache-2.0

import Testing
import Watchdog

@Suite("A connection beside the one that is being made")
struct TwoConnectionsTests {
    @Test func `keeps the stream alive, whatever becomes of the other`() {
        var stream = Stream.flowing(until: 20)
        stream.after(20.1, .offered)
        stream.flow(from: 20.2, until: 100, every: 0.1, isOlder: true)
        #expect(stream.deeds.isEmpty)
        stream.wait(until: 111)
        #expect(stream.requests == [110])
    }

    @Test func `that stops leaves the other the time that an offer has`() {
        var stream = Stream.flowing(until: 20)
        stream.after(20.1, .offered)
        stream.flow(from: 20.2, until: 21, every: 0.1, isOlder: true)
        stream.wait(until: 52)
        #expect(stream.deeds == attempt(50.1, .negotiation, silence: .milliseconds(29_100)))
    }

    @Test func `is doubted if the other fails, and asked for after 2 s of silence`() {
        var stream = Stream.flowing(until: 20)
        stream.after(20.1, .offered)
        stream.flow(from: 20.2, until: 21, every: 0.1, isOlder: true)
        stream.after(21.5, .failed)
        var flowing = stream
        stream.wait(until: 25)
        #expect(stream.requests == [23])
        flowing.flow(from: 22, until: 40, every: 0.1)
        #expect(flowing.deeds.isEmpty)
    }

    @Test func `that stopped before the other failed does not spare that its wait`() {
        var stream = Stream.flowing(until: 20)
        stream.wait(until: 30)
        stream.after(31, .offered)
        stream.frame(at: 32, isOlder: true)
        stream.after(40, .failed)
        #expect(stream.requests == [30])
        #expect(stream.deeds(since: 40) == [deed(40, .announceRetry(in: .seconds(10)))])
    }

    @Test func `is recovery if its frames come back, and the other is still given its time`() {
        var stream = Stream.flowing(until: 20)
        stream.wait(until: 31)
        #expect(stream.requests == [30])
        stream.after(32, .offered)
        stream.frame(at: 33, isOlder: true)
        #expect(stream.deeds(since: 32) == [deed(33, .reportRecovery(silence: .seconds(13)))])
        #expect(stream.nextDeadline == 62)
        stream.after(34, .connected)
        stream.frame(at: 34.5)
        stream.wait(until: 39)
        #expect(stream.requests == [30])
    }

    @Test func `is not counted twice: a frozen picture is no progress on either`() {
        var stream = Stream.flowing(until: 20)
        stream.wait(until: 31)
        stream.repeatedFrame(at: 31.5)
        #expect(stream.deeds(since: 31).isEmpty)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Testing
import Watchdog

@Suite("When a stream is dead")
struct DetectionTests {
    @Test func `silence is reported at 5 s and 8 s, and is death at 10 s: close, prepare, request`() {
        var stream = Stream.flowing(until: 20)
        stream.wait(until: 31)
        #expect(
            stream.deeds == [
                deed(25, .reportSilence(.seconds(5), failure: 1)),
                deed(28, .reportSilence(.seconds(8), failure: 2)),
                deed(30, .declareDead(silence: .seconds(10))),
            ] + attempt(30, silence: .seconds(10)))
    }

    @Test func `a frame just before death keeps the stream alive, and the count of failures begins anew`() {
        var stream = Stream.flowing(until: 20)
        stream.frame(at: 29.999)
        stream.wait(until: 36)
        #expect(stream.requests.isEmpty)
        #expect(stream.deeds.last == deed(34.999, .reportSilence(.seconds(5), failure: 1)))
    }

    @Test func `a frame with the timestamp of the one before is no progress`() {
        var stream = Stream.flowing(until: 20)
        for second in 21...40 { stream.repeatedFrame(at: Double(second)) }
        #expect(stream.requests == [30])
    }

    @Test func `no first frame within 10 s of connected is death too`() {
        var stream = Stream()
        stream.handle(.offered, at: 0)
        stream.after(2, .connected)
        stream.wait(until: 13)
        #expect(stream.requests == [12])
    }

    @Test func `ICE that completes after it connected, or connects again, does not hide the silence`() {
        var stream = Stream.flowing(until: 20)
        for second in [22.0, 26, 29] { stream.after(second, .connected) }
        stream.wait(until: 31)
        #expect(stream.requests == [30])
    }

    @Test func `frames that come before connected arm the watch`() {
        var stream = Stream()
        stream.handle(.offered, at: 0)
        stream.frame(at: 1)
        stream.wait(until: 12)
        #expect(stream.requests == [11])
    }

    @Test func `nothing is due before the first offer`() {
        var stream = Stream()
        #expect(stream.nextDeadline == nil)
        stream.handle(.tick, at: 100)
        #expect(stream.deeds.isEmpty)
    }

    @Test func `a late tick finds the stream dead, with the silence as long as it was`() {
        var stream = Stream.flowing(until: 20)
        stream.handle(.tick, at: 3620)
        #expect(
            stream.deeds == [deed(3620, .declareDead(silence: .seconds(3600)))]
                + attempt(3620, silence: .seconds(3600)))
    }

    @Test func `a late tick between reports says how long it really was, and keeps the rhythm`() {
        var stream = Stream.flowing(until: 20)
        stream.handle(.tick, at: 26.5)
        #expect(stream.deeds == [deed(26.5, .reportSilence(.milliseconds(6500), failure: 1))])
        #expect(stream.nextDeadline == 28)
    }

    @Test func `a tick later than the second report makes the first, and reports are counted as they are made`() {
        var stream = Stream.flowing(until: 20) { $0.stallAfter = .seconds(20) }
        stream.handle(.tick, at: 28.5)
        stream.wait(until: 31)
        #expect(
            stream.deeds == [
                deed(28.5, .reportSilence(.milliseconds(8500), failure: 1)),
                deed(31, .reportSilence(.seconds(11), failure: 2)),
            ])
    }

    @Test func `time that seems to go back stands still`() {
        var stream = Stream.flowing(until: 20)
        stream.handle(.frame(timestamp: 7), at: 5)
        #expect(stream.nextDeadline == 25)
        stream.handle(.tick, at: 1)
        #expect(stream.deeds.isEmpty)
    }

    @Test func `thresholds come from the policy`() {
        var stream = Stream.flowing(until: 20) {
            $0.warnAfter = .seconds(1)
            $0.checkEvery = .seconds(1)
            $0.stallAfter = .milliseconds(2500)
        }
        stream.wait(until: 23)
        #expect(
            stream.deeds == [
                deed(21, .reportSilence(.seconds(1), failure: 1)),
                deed(22, .reportSilence(.seconds(2), failure: 2)),
                deed(22.5, .declareDead(silence: .milliseconds(2500))),
            ] + attempt(22.5, silence: .milliseconds(2500)))
    }

    @Test func `an offer that does not connect within 30 s is asked for again`() {
        var stream = Stream()
        stream.handle(.offered, at: 3)
        stream.wait(until: 40)
        #expect(stream.deeds == attempt(33, .negotiation, silence: .seconds(30)))
    }

    @Test func `an offer for a stream that flows resets nothing while its frames still come`() {
        var stream = Stream.flowing(until: 20)
        stream.handle(.offered, at: 20)
        stream.flow(from: 20.04, until: 25)
        stream.wait(until: 36)
        #expect(stream.requests == [35])
    }
}

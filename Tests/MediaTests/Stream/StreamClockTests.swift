// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing

@testable import Media

struct StreamClockTests {
    private var clock = StreamClock()

    /// All in milliseconds.
    private mutating func time(of frame: Int?, in session: Int = 1, arrivedAt arrival: Int) -> Duration {
        clock.stamp(
            frame.map { .milliseconds($0) }, in: session, arrivedAt: Instant(sinceOrigin: .milliseconds(arrival)))
    }

    @Test mutating func `it begins with the first frame and keeps the session's own pace`() {
        #expect(time(of: 500, arrivedAt: 10_000) == .zero)
        #expect(time(of: 533, arrivedAt: 10_100) == .milliseconds(33))
        #expect(time(of: 566, arrivedAt: 10_101) == .milliseconds(66))
    }

    @Test mutating func `a new session goes on where time is by then`() {
        #expect(time(of: 7_000, arrivedAt: 10_000) == .zero)
        #expect(time(of: 100, in: 2, arrivedAt: 25_000) == .seconds(15))
        #expect(time(of: 133, in: 2, arrivedAt: 25_040) == .milliseconds(15_033))
    }

    @Test mutating func `it never stands or goes back`() {
        #expect(time(of: 1_000, arrivedAt: 10_000) == .zero)
        #expect(time(of: 2_000, arrivedAt: 11_000) == .seconds(1))
        #expect(time(of: 1_900, arrivedAt: 11_010) == .seconds(1) + StreamClock.smallestStep)
        #expect(time(of: 0, in: 2, arrivedAt: 10_500) > .seconds(1))
    }

    @Test mutating func `a frame without a time has that of its arrival`() {
        #expect(time(of: 500, arrivedAt: 10_000) == .zero)
        #expect(time(of: nil, arrivedAt: 10_050) == .milliseconds(50))
        #expect(time(of: 566, arrivedAt: 10_070) == .milliseconds(66))
    }

    @Test(arguments: [60_000, -60_000])
    mutating func `a clock that jumps is not followed`(jump: Int) {
        #expect(time(of: 100_000, arrivedAt: 10_000) == .zero)
        #expect(time(of: 100_033 + jump, arrivedAt: 10_033) == .milliseconds(33))
        #expect(time(of: 100_066 + jump, arrivedAt: 10_070) == .milliseconds(66))
    }
}

// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing

@Test(arguments: [(1, 10), (2, 30), (3, 60), (4, 60), (99, 60)])
func `the delay of each failure in a row, the last repeating`(failures: Int, seconds: Int) {
    let backoff = Backoff([.seconds(10), .seconds(30), .seconds(60)])
    #expect(backoff.delay(after: failures, jitter: 0) == .seconds(seconds))
}

@Test(arguments: [(-1.0, 9.0), (-0.5, 9.5), (1.0, 11.0), (7.0, 11.0)])
func `jitter moves a delay by a tenth at most`(_ jitter: Double, seconds: Double) {
    let delay = Backoff([.seconds(10)]).delay(after: 1, jitter: jitter)
    #expect(abs(delay.inSeconds - seconds) < 1e-9)
}

@Test func `a duration belongs to the first bound that is not below it`() {
    var histogram = DurationHistogram(bounds: [.milliseconds(10), .seconds(1)])
    for milliseconds in [0, 10, 11, 1000, 1001] { histogram.record(.milliseconds(milliseconds)) }
    #expect(histogram.counts == [2, 2, 1])
    #expect(histogram.count == 5)
    #expect(histogram.sum == .milliseconds(2022))
}

@Test func `instants are ordered, and their differences are durations`() {
    let start = Instant(sinceOrigin: .seconds(5))
    var later = start + .seconds(2)
    #expect(start < later)
    #expect(start.duration(to: later) == .seconds(2))
    #expect(later - .seconds(2) == start)
    later += .milliseconds(500)
    #expect(start.duration(to: later).inSeconds == 2.5)
    #expect(start.duration(to: later).wholeSeconds == 2)
}

// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing

@testable import Media

struct OutputCoreTests {
    private var core = OutputCore()

    private mutating func tell(_ event: OutputCore.Event, at seconds: Double = 0) -> [OutputCore.Action] {
        core.handle(event, at: Instant(sinceOrigin: .seconds(seconds)), jitter: 0)
    }

    private func instant(_ seconds: Double) -> Instant { Instant(sinceOrigin: .seconds(seconds)) }

    private var deadline: Double? { core.nextDeadline?.sinceOrigin.inSeconds }

    @Test mutating func `a pipeline begins with the first frames, and only then`() {
        #expect(deadline == nil)
        #expect(tell(.tick(waitingSince: nil)) == [])
        #expect(tell(.demanded) == [.begin(1)])
        #expect(deadline == 10)
        #expect(tell(.started(1), at: 1) == [])
        #expect(deadline == 31)
        #expect(tell(.tick(waitingSince: nil), at: 31) == [])
        #expect(deadline == 61)
    }

    @Test mutating func `another format has the present pipeline drained while the next begins`() {
        _ = tell(.demanded)
        _ = tell(.started(1))
        #expect(tell(.demanded, at: 5) == [.drain(1), .begin(2)])
        #expect(tell(.drained(1), at: 6) == [.tearDown(1)])
        #expect(tell(.drained(1), at: 6) == [])
        #expect(tell(.gone(1), at: 7) == [])
    }

    @Test mutating func `what does not drain in time, or fails meanwhile, is torn down once`() {
        _ = tell(.demanded)
        _ = tell(.started(1))
        _ = tell(.demanded, at: 5)
        _ = tell(.started(2), at: 5)
        #expect(deadline == 10)
        #expect(tell(.tick(waitingSince: nil), at: 10) == [.reportUnfinished(1), .tearDown(1)])
        #expect(tell(.failed(1), at: 10) == [])
        _ = tell(.gone(1), at: 10)
        _ = tell(.demanded, at: 20)
        #expect(tell(.failed(2), at: 21) == [.reportUnfinished(2), .tearDown(2)])
        #expect(tell(.tick(waitingSince: nil), at: 25) == [])
    }

    @Test mutating func `a fault is followed by a fresh pipeline, later each time, and soon again after steady work`() {
        _ = tell(.demanded)
        _ = tell(.started(1))
        #expect(tell(.failed(1)) == [.reportFault(.failed, of: 1, retryIn: .seconds(1)), .tearDown(1)])
        #expect(tell(.demanded, at: 0.5) == [])
        #expect(tell(.gone(1), at: 0.6) == [])
        #expect(tell(.tick(waitingSince: nil), at: 1) == [.begin(2)])
        _ = tell(.started(2), at: 1)
        #expect(tell(.failed(2), at: 2) == [.reportFault(.failed, of: 2, retryIn: .seconds(2)), .tearDown(2)])
        _ = tell(.gone(2), at: 2)
        _ = tell(.demanded, at: 3)
        #expect(tell(.tick(waitingSince: nil), at: 4) == [.begin(3)])
        _ = tell(.started(3), at: 4)
        #expect(tell(.failed(3), at: 64) == [.reportFault(.failed, of: 3, retryIn: .seconds(1)), .tearDown(3)])
    }

    @Test mutating func `one that does not start, or takes nothing, is a fault`() {
        _ = tell(.demanded)
        #expect(
            tell(.tick(waitingSince: nil), at: 10) == [
                .reportFault(.tooSlowToStart, of: 1, retryIn: .seconds(1)), .tearDown(1),
            ])
        #expect(tell(.started(1), at: 10.5) == [])
        #expect(tell(.tick(waitingSince: nil), at: 11) == [.begin(2)])
        _ = tell(.started(2), at: 11)
        #expect(tell(.tick(waitingSince: instant(40)), at: 41) == [])
        #expect(deadline == 70)
        #expect(
            tell(.tick(waitingSince: instant(40)), at: 70)
                == [.reportFault(.stuck, of: 2, retryIn: .seconds(2)), .tearDown(2)])
    }

    @Test mutating func `after a fault the next begins only if frames wait`() {
        _ = tell(.demanded)
        _ = tell(.started(1))
        _ = tell(.failed(1))
        #expect(tell(.tick(waitingSince: nil), at: 1) == [])
        #expect(deadline == nil)
        #expect(tell(.demanded, at: 100) == [.begin(2)])
    }

    @Test mutating func `with two teardowns that hang none begins, which is told once, until one is over`() {
        _ = tell(.demanded)
        _ = tell(.failed(1))
        #expect(tell(.tick(waitingSince: nil), at: 1) == [.begin(2)])
        _ = tell(.failed(2), at: 1)
        #expect(tell(.tick(waitingSince: nil), at: 3) == [])
        #expect(deadline == 13)
        #expect(tell(.demanded, at: 4) == [])
        #expect(tell(.tick(waitingSince: nil), at: 12) == [])
        #expect(tell(.tick(waitingSince: nil), at: 13) == [.reportBlocked])
        #expect(deadline == nil)
        #expect(tell(.tick(waitingSince: nil), at: 50) == [])
        #expect(tell(.gone(1), at: 100) == [.begin(3)])
    }

    @Test mutating func `one that drains counts like one that is torn down, and makes room once it is gone`() {
        _ = tell(.demanded)
        _ = tell(.started(1))
        #expect(tell(.demanded, at: 1) == [.drain(1), .begin(2)])
        #expect(tell(.demanded, at: 2) == [.drain(2)])
        #expect(tell(.demanded, at: 3) == [])
        #expect(deadline == 6)
        #expect(tell(.drained(2), at: 4) == [.tearDown(2)])
        #expect(tell(.gone(2), at: 4) == [.begin(3)])
        #expect(tell(.tick(waitingSince: nil), at: 6) == [.reportUnfinished(1), .tearDown(1)])
        #expect(tell(.demanded, at: 7) == [.drain(3)])
        #expect(tell(.gone(1), at: 8) == [.begin(4)])
    }

    @Test mutating func `one that is blocked ends like others`() {
        _ = tell(.demanded)
        _ = tell(.demanded, at: 1)
        #expect(tell(.demanded, at: 2) == [.drain(2)])
        #expect(tell(.end, at: 3) == [])
        #expect(tell(.drained(1), at: 4) == [.tearDown(1)])
        #expect(tell(.drained(2), at: 4) == [.tearDown(2)])
        #expect(tell(.gone(1), at: 5) == [])
        #expect(tell(.gone(2), at: 5) == [.reportEnded])
    }

    @Test mutating func `it ends once everything is gone, and then nothing happens any more`() {
        _ = tell(.demanded)
        _ = tell(.started(1))
        #expect(tell(.end, at: 1) == [.drain(1)])
        #expect(tell(.end, at: 1) == [])
        #expect(tell(.tick(waitingSince: nil), at: 6) == [.reportUnfinished(1), .tearDown(1)])
        #expect(tell(.demanded, at: 7) == [])
        #expect(tell(.gone(1), at: 8) == [.reportEnded])
        #expect(tell(.demanded, at: 9) == [])
        #expect(tell(.end, at: 9) == [])
        #expect(deadline == nil)
    }

    @Test mutating func `one without a pipeline ends at once`() {
        #expect(tell(.end) == [.reportEnded])
    }
}

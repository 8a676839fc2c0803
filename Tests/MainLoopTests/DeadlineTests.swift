// SPDX-License-Identifier: Apache-2.0

import CGLib
import Glibc
import MainLoop
import Testing
import Timing

@MainLoop
@Suite(.serialized) struct DeadlineTests {
    private let log = Log<String>()

    private func deadline(_ name: String) -> Deadline {
        Deadline { [log] in log.append(name) }
    }

    /// Returns when `instant` has passed and everything due by then has fired.
    private func pass(_ instant: Instant = MainLoop.now) async {
        var last: Deadline?
        await withCheckedContinuation { done in
            last = Deadline { done.resume() }
            last?.arm(at: instant)
        }
        await turn()
        withExtendedLifetime(last) {}
    }

    @Test func `deadlines fire in the order of their instants`() async {
        let (a, b, c) = (deadline("a"), deadline("b"), deadline("c"))
        let now = MainLoop.now
        b.arm(at: now + .milliseconds(20))
        c.arm(at: now + .milliseconds(40))
        a.arm(at: now + .milliseconds(10))
        await pass(now + .milliseconds(41))
        #expect(log.entries == ["a", "b", "c"])
    }

    @Test func `one that moves fires at its last instant alone`() async {
        let (fixed, moved) = (deadline("fixed"), deadline("moved"))
        let now = MainLoop.now
        moved.arm(at: now + .milliseconds(5))
        fixed.arm(at: now + .milliseconds(20))
        moved.arm(at: now + .milliseconds(30))
        await pass(now + .milliseconds(31))
        #expect(log.entries == ["fixed", "moved"])
    }

    @Test func `one that is disarmed, or let go, doesn't fire`() async {
        let disarmed = deadline("disarmed")
        var gone: Deadline? = deadline("gone")
        let soon = MainLoop.now + .milliseconds(5)
        disarmed.arm(at: soon)
        gone?.arm(at: soon)
        disarmed.arm(at: nil)
        gone = nil
        await pass(soon)
        #expect(log.entries.isEmpty)
    }

    @Test(arguments: [Duration.zero, .seconds(1), .seconds(-1_000_000_000)])
    func `an instant that has passed fires at the next turn`(sinceBoot: Duration) async {
        let past = deadline("fired")
        past.arm(at: Instant(sinceOrigin: sinceBoot))
        #expect(log.entries.isEmpty)
        await pass()
        #expect(log.entries == ["fired"])
    }

    @Test func `a handler can disarm one that is due as well, and move another`() async {
        let others = Log<Deadline>()
        let first = Deadline { [log] in
            log.append("first")
            others.entries[0].arm(at: nil)
            others.entries[1].arm(at: MainLoop.now + .seconds(3_600))
        }
        others.append(deadline("disarmed"))
        others.append(deadline("moved"))
        let due = MainLoop.now
        for deadline in [first] + others.entries { deadline.arm(at: due) }
        await pass()
        #expect(log.entries == ["first"])
    }

    @Test func `it fires once each time it is armed, be it to the same instant`() async {
        let again = deadline("fired")
        let past = MainLoop.now
        for count in 1...3 {
            again.arm(at: past)
            again.arm(at: past)
            await pass()
            await pass()
            #expect(log.entries.count == count)
        }
    }

    @Test func `one armed ten thousand times fires once, and a thousand more cost no descriptor`() async {
        let often = deadline("fired")
        let start = MainLoop.now
        let before = timerDescriptors()
        for step in 1...10_000 { often.arm(at: start + .seconds(step)) }
        let others = (1...1_000).map { _ in deadline("other") }
        for other in others { other.arm(at: start + .seconds(60)) }
        #expect(timerDescriptors() == before)
        often.arm(at: MainLoop.now)
        await pass()
        await pass()
        #expect(log.entries == ["fired"])
        withExtendedLifetime(others) {}
    }

    private func timerDescriptors() -> Int {
        (0..<1_024).count { descriptor in
            var target = [CChar](repeating: 0, count: 64)
            let length = readlink("/proc/self/fd/\(descriptor)", &target, target.count)
            return length > 0
                && String(decoding: target.prefix(length).map(UInt8.init), as: UTF8.self) == "anon_inode:[timerfd]"
        }
    }
}

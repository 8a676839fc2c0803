// SPDX-License-Identifier: Apache-2.0

import CGLib
import Dispatch
import Glibc
import MainLoop
import Testing
import Timing

@Suite struct LoopTests {
    @Test func `tasks and posts run on one and the same thread`() async {
        let threads = Log<pthread_t>()
        await withTaskGroup { group in
            for _ in 0..<100 {
                group.addTask { @MainLoop in threads.append(pthread_self()) }
                group.addTask { MainLoop.post { threads.append(pthread_self()) } }
            }
        }
        await turn()
        let entries = await threads.entries
        #expect(entries.count == 200)
        #expect(Set(entries).count == 1)
    }

    @Test @MainLoop func `what one thread posts runs in its order`() async {
        let posted = Log<(thread: Int, number: Int)>()
        await withCheckedContinuation { done in
            DispatchQueue.global().async {
                DispatchQueue.concurrentPerform(iterations: 8) { thread in
                    for number in 0..<5_000 {
                        MainLoop.post { posted.append((thread, number)) }
                    }
                }
                MainLoop.post { done.resume() }
            }
        }
        for thread in 0..<8 {
            #expect(posted.entries.filter { $0.thread == thread }.map(\.number) == Array(0..<5_000))
        }
    }

    @Test @MainLoop func `a post from the loop itself runs later`() async {
        let log = Log<String>()
        MainLoop.post { log.append("posted") }
        log.append("went on")
        await turn()
        #expect(log.entries == ["went on", "posted"])
    }

    @Test func `what belongs on the loop traps elsewhere`() async {
        await #expect(processExitsWith: .failure) { MainLoop.assumeIsolated {} }
        await #expect(processExitsWith: .success) { await Task { @MainLoop in MainLoop.assumeIsolated {} }.value }
    }

    @Test @MainLoop func `a failure inside assumeIsolated comes out typed`() {
        struct Oops: Error, Equatable {}
        #expect(throws: Oops()) { try MainLoop.assumeIsolated { () throws(Oops) in throw Oops() } }
    }

    @Test func `now is the time since boot`() {
        var raw = timespec()
        let before = MainLoop.now
        clock_gettime(CLOCK_BOOTTIME, &raw)
        let boot = Instant(sinceOrigin: .seconds(raw.tv_sec) + .nanoseconds(raw.tv_nsec))
        #expect(before <= boot && boot <= MainLoop.now)
    }

    @Test func `wall time knows the local offset`() async {
        await #expect(processExitsWith: .success) {
            setenv("TZ", "TST-5:30", 1)
            #expect(WallClock.now.utcOffset == 19_800)
        }
        var before = timespec()
        var after = timespec()
        clock_gettime(CLOCK_REALTIME, &before)
        let now = WallClock.now
        clock_gettime(CLOCK_REALTIME, &after)
        #expect((before.tv_sec...after.tv_sec).contains(Int(now.seconds)))
        #expect((0..<1_000_000_000).contains(now.nanoseconds))
    }
}

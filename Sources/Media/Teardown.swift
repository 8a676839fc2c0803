// SPDX-License-Identifier: Apache-2.0

import CGLib
import MainLoop
import Timing

/// Work that may hang, on a thread of its own, and a word when it takes too long.
@MainLoop
enum Teardown {
    enum Progress: Equatable, Sendable {
        /// It may still end, or never.
        case overdue
        case done(after: Duration)
    }

    private typealias Work = UserData<@Sendable () -> Void>

    /// Starts `work` at once; `.done` is the last that is reported.
    static func begin(
        limit: Duration, _ work: @escaping @Sendable () -> Void, report: @escaping @MainLoop (Progress) -> Void
    ) {
        let start = MainLoop.now
        let deadline = Deadline { report(.overdue) }
        deadline.arm(at: start + limit)
        runOnThread {
            work()
            MainLoop.post {
                deadline.arm(at: nil)
                report(.done(after: start.duration(to: MainLoop.now)))
            }
        }
    }

    private nonisolated static func runOnThread(_ work: @escaping @Sendable () -> Void) {
        let thread = g_thread_new(
            "teardown",
            { work in
                Work.value(of: work)()
                releaseUserData(work)
                return nil
            }, Work.retain(work))
        g_thread_unref(thread)
    }
}

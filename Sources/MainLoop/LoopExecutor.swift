// SPDX-License-Identifier: Apache-2.0

import CGLib
import Glibc
import Synchronization

/// Runs jobs and posts on the loop's thread, first come first served. It is never freed.
final class LoopExecutor: SerialExecutor {
    private enum Work {
        case job(UnownedJob)
        case post(@MainLoop () -> Void)
    }

    private struct Queue {
        /// One source for all work: its ready time is 0 while any is pending, and never otherwise.
        let source: UnsafeMutablePointer<GSource>
        var pending: [Work] = []
    }

    private let queue: Mutex<Queue>

    init() { queue = Mutex(Queue(source: cglib_source_new())) }

    /// Starts the loop on a thread of its own.
    func start() {
        // A peer that hangs up costs an error, not the process. GIO does the same, but only with its first socket.
        signal(SIGPIPE, SIG_IGN)
        let drain: GSourceFunc = { executor in
            executor.map { Unmanaged<LoopExecutor>.fromOpaque($0).takeUnretainedValue().drain() }
            return cglib_source_continue
        }
        queue.withLock {
            g_source_set_callback($0.source, drain, Unmanaged.passUnretained(self).toOpaque(), nil)
            g_source_attach($0.source, nil)
        }
        startThread("main-loop") { g_main_loop_run(g_main_loop_new(nil, 0)) }
    }

    func enqueue(_ job: consuming ExecutorJob) { enqueue(.job(UnownedJob(job))) }

    func enqueue(_ body: @escaping @MainLoop () -> Void) { enqueue(.post(body)) }

    func isIsolatingCurrentContext() -> Bool? { g_main_context_is_owner(nil) != 0 }

    private func enqueue(_ work: Work) {
        queue.withLock {
            if $0.pending.isEmpty { g_source_set_ready_time($0.source, 0) }
            $0.pending.append(work)
        }
    }

    /// Runs what is pending by now; what that adds waits for the next turn, so that other sources have theirs.
    private func drain() {
        let work = queue.withLock { queue in
            g_source_set_ready_time(queue.source, -1)
            defer { queue.pending = [] }
            return queue.pending
        }
        for item in work {
            switch item {
            case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
            case .post(let body): MainLoop.assumeIsolated(body)
            }
        }
    }
}

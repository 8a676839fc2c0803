// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import Synchronization

/// The core on which all threads of one peer run.
///
/// A packet passes through five threads. On one core each wakes the next without disturbing another core, and
/// SCHED_BATCH lets each finish what is queued before it hands over: that halves the cost of a frame.
final class ProcessorCore: Sendable {
    /// The scheduling of threads that are no peer's.
    private static let free = cgst_scheduling()
    private static let available = (0..<cgst_most_cores).filter { cgst_includes(free, $0) != 0 }
    private static let users = Mutex([CInt: Int]())

    private let number: CInt

    /// Takes the core with the fewest peers.
    init() {
        number = ProcessorCore.users.withLock { users in
            let number = ProcessorCore.available.min { users[$0, default: 0] < users[$1, default: 0] } ?? 0
            users[number, default: 0] += 1
            return number
        }
    }

    deinit { ProcessorCore.users.withLock { [number] in $0[number, default: 1] -= 1 } }

    /// Lets the calling thread, which may have been a peer's, run on any core.
    static func release() { cgst_schedule(free) }

    /// Moves the calling thread here, along with all threads that it makes from now on.
    func adopt() { cgst_schedule(cgst_batch_on(number)) }

    /// Has the calling thread make threads that run here.
    func run<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        let before = cgst_scheduling()
        adopt()
        defer { cgst_schedule(before) }
        return try body()
    }
}

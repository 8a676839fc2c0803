// SPDX-License-Identifier: Apache-2.0

import CGLib
import Glibc
import MainLoop
import Synchronization
import Timing

/// Appends lines to a file from a thread of its own: a stopped terminal, a pipe that nobody reads and a full disk cost
/// lines, never the loop's time.
package final class LineWriter: Sendable {
    package struct Failure: Error, Equatable {
        package let description: String
    }

    /// How many lines may wait; any more are lost, and their number is written in their place.
    private static let capacity = 10_000

    private struct State {
        var waiting: [String] = []
        var lost = 0
        /// The thread is writing what it took from `waiting`.
        var isWriting = false
    }

    private let state = Mutex(State())
    private let descriptor: CInt
    /// An eventfd on which the thread sleeps.
    private let wakeup = eventfd(0, CInt(EFD_CLOEXEC))

    /// Opens `path` for appending; `nil` is the standard output.
    package convenience init(path: String?) throws(Failure) {
        guard let path else {
            try self.init(descriptor: STDOUT_FILENO)
            return
        }
        // Without blocking: a pipe that nobody reads yet would keep us for ever.
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o640)
        guard descriptor >= 0 else {
            throw Failure(description: "cannot write \(path): \(String(cString: strerror(errno)))")
        }
        try self.init(descriptor: descriptor)
    }

    package init(descriptor: CInt) throws(Failure) {
        self.descriptor = descriptor
        guard wakeup >= 0 else { throw Failure(description: "no eventfd: \(String(cString: strerror(errno)))") }
        // It lives as long as the process, and so does its thread.
        startThread("log") { self.run() }
    }

    package func write(_ line: String) {
        let wasEmpty = state.withLock { state in
            guard state.waiting.count < LineWriter.capacity else {
                state.lost += 1
                return false
            }
            state.waiting.append(line)
            return state.waiting.count == 1
        }
        if wasEmpty { eventfd_write(wakeup, 1) }
    }

    /// Waits until everything is written, or `limit` has passed: for the end of the process.
    package func drain(atMost limit: Duration) {
        let end = MainLoop.now + limit
        while MainLoop.now < end {
            if state.withLock({ $0.waiting.isEmpty && !$0.isWriting }) { return }
            usleep(1000)
        }
    }

    private func run() -> Never {
        while true {
            var count: eventfd_t = 0
            eventfd_read(wakeup, &count)
            let (lines, lost) = state.withLock { state in
                defer { (state.waiting, state.lost, state.isWriting) = ([], 0, true) }
                return (state.waiting, state.lost)
            }
            // If not even the note about them can be written, the lines after it are lost as well.
            let isNoted = lost == 0 || append(["(\(lost) lines were lost here)"]) == 0
            let unwritten = isNoted ? append(lines) : lost + lines.count
            state.withLock {
                $0.lost += unwritten
                $0.isWriting = false
            }
        }
    }

    /// Writes them, and returns how many a full disk or a closed pipe did not take.
    private func append(_ lines: [String]) -> Int {
        let bytes = lines.flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, -1)
            } else if errno != EINTR {
                break
            }
        }
        return rest.count { $0 == UInt8(ascii: "\n") }
    }
}

// SPDX-License-Identifier: Apache-2.0

import CGLib
import Glibc
import MainLoop
import Synchronization
import Timing

/// Keeps files from a thread of its own: a full, a read-only and a hanging disk cost files, never the loop's time.
package final class FileKeeper: Sendable {
    package enum News: Equatable, Sendable {
        /// Told once; then all is silence until a file is kept again.
        case failing(String)
        case keepingAgain(lost: Int)
    }

    package typealias Job = @Sendable () throws(GLibError) -> Void

    /// How many jobs may wait; more push out the oldest.
    private static let capacity = 64
    private struct State {
        var waiting: [Job] = []
        var lost = 0
        var isFailing = false
        /// The present job's.
        var start: Instant?
    }

    private let state = Mutex(State())
    private let patience: Duration
    private let tell: @MainLoop (News) -> Void
    /// An eventfd on which the thread sleeps.
    private let wakeup = eventfd(0, CInt(EFD_CLOEXEC))

    /// A job that takes longer than `patience` hangs; `tell` is called on the loop.
    package init(patience: Duration = .seconds(5), tell: @escaping @MainLoop (News) -> Void) {
        self.patience = patience
        self.tell = tell
        precondition(wakeup >= 0, "no eventfd: \(String(cString: strerror(errno)))")
        // It lives as long as the process, and so does its thread.
        startThread("files") { self.run() }
    }

    /// Has the thread do it, after all that it was given before.
    package func enqueue(_ job: @escaping Job) {
        let news = state.withLock { state -> News? in
            state.waiting.append(job)
            if state.waiting.count > FileKeeper.capacity {
                state.waiting.removeFirst()
                state.lost += 1
            }
            guard let start = state.start, start + patience < MainLoop.now, !state.isFailing else {
                return nil
            }
            state.isFailing = true
            return .failing("the disk does not answer")
        }
        if let news { MainLoop.post { self.tell(news) } }
        eventfd_write(wakeup, 1)
    }

    /// Waits until everything is done, or `limit` has passed: for the end of the process.
    package func drain(atMost limit: Duration) {
        let end = MainLoop.now + limit
        while MainLoop.now < end {
            if state.withLock({ $0.waiting.isEmpty && $0.start == nil }) { return }
            usleep(1000)
        }
    }

    private func run() -> Never {
        while true {
            var count: eventfd_t = 0
            eventfd_read(wakeup, &count)
            while let job = next() { finish(outcome(of: job)) }
        }
    }

    private func next() -> Job? {
        state.withLock { state in
            guard !state.waiting.isEmpty else { return nil }
            state.start = MainLoop.now
            return state.waiting.removeFirst()
        }
    }

    private func outcome(of job: Job) -> GLibError? {
        do throws(GLibError) {
            try job()
            return nil
        } catch {
            return error
        }
    }

    private func finish(_ error: GLibError?) {
        let news = state.withLock { state -> News? in
            state.start = nil
            if error != nil { state.lost += 1 }
            guard state.isFailing == (error == nil) else { return nil }
            state.isFailing.toggle()
            if let error { return .failing(error.message) }
            defer { state.lost = 0 }
            return .keepingAgain(lost: state.lost)
        }
        if let news { MainLoop.post { self.tell(news) } }
    }
}

extension Host {
    /// Makes or replaces a file of `text` that only we may read, whole or not at all, also if the machine stops; and the
    /// directories above it. Killed meanwhile, it leaves a draft.
    package static func replacePrivately(_ text: String, atFile path: String) throws(GLibError) {
        try makeDirectory(of: path)
        let flags = GFileSetContentsFlags(
            rawValue: G_FILE_SET_CONTENTS_CONSISTENT.rawValue | G_FILE_SET_CONTENTS_DURABLE.rawValue)
        _ = try withGError { g_file_set_contents_full(path, text, -1, flags, 0o600, $0) }
    }

    /// Whether `name` is a draft's that `replacePrivately` left of a file whose name ended with `suffix`.
    package static func isDraft(_ name: String, ofFile suffix: String) -> Bool {
        // GLib puts a dot and six letters behind the name.
        name.utf8.count > 7 && name.dropLast(7).hasSuffix(suffix) && name.utf8.suffix(7).first == UInt8(ascii: ".")
    }

    /// The names in a directory; none in one that is not there.
    package static func names(inDirectory path: String) throws(GLibError) -> [String] {
        guard exists(path) else { return [] }
        guard let directory = try withGError({ g_dir_open(path, 0, $0) }) else { return [] }
        defer { g_dir_close(directory) }
        var names: [String] = []
        while let name = g_dir_read_name(directory) { names.append(String(cString: name)) }
        return names
    }

    /// Removes a file that may be gone already.
    package static func remove(_ path: String) throws(GLibError) {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw GLibError(message: "cannot remove \(path): \(String(cString: strerror(errno)))")
        }
    }

    package static func rename(_ path: String, to newPath: String) throws(GLibError) {
        guard Glibc.rename(path, newPath) == 0 else {
            throw GLibError(message: "cannot rename \(path): \(String(cString: strerror(errno)))")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Timing

/// Keeps trouble that repeats itself from filling the log.
///
/// 1. Only warnings and errors are folded; anything less passes.
/// 2. The first with its event name, camera and reasons passes at once and opens a window of one second.
/// 3. While the window is open, others like it are counted and held back.
/// 4. When it ends, the last of the others, if any, passes with the number of them all.
/// 5. At most `capacity` windows are open; trouble beyond them passes.
package struct Folding: Sendable {
    package static let span = Duration.seconds(1)
    package static let capacity = 256

    private struct Window: Sendable {
        let end: Instant
        let name: String
        let reason: String?
        /// The latest one; its `times` counts all since the window opened.
        var last: Record
    }

    /// In the order of their ends.
    private var windows: [Window] = []
    private var latest = Instant(sinceOrigin: .zero)

    package init() {}

    /// When `tick` is next due, if nothing else happens before.
    package var nextDeadline: Instant? { windows.first { $0.last.times > 1 }?.end }

    /// Takes in a record and returns those to be printed now.
    package mutating func handle(_ record: Record, at time: Instant) -> [Record] {
        let due = tick(at: time)
        let entry = record.event.entry
        guard entry.level >= .warning else { return due + [record] }
        let reason = entry.fields.first { $0.key == "reason" }?.value.word
        let index = windows.firstIndex {
            $0.name == entry.name && $0.last.camera == record.camera && $0.reason == reason
        }
        if let index {
            let times = windows[index].last.times + 1
            windows[index].last = record
            windows[index].last.times = times
            return due
        }
        if windows.count < Folding.capacity {
            windows.append(Window(end: latest + Folding.span, name: entry.name, reason: reason, last: record))
        }
        return due + [record]
    }

    package mutating func tick(at time: Instant) -> [Record] {
        latest = max(latest, time)
        return close(windows.prefix { $0.end <= latest }.count)
    }

    /// What is still held back, for the end of the log.
    package mutating func finish() -> [Record] { close(windows.count) }

    private mutating func close(_ count: Int) -> [Record] {
        defer { windows.removeFirst(count) }
        return windows.prefix(count).map(\.last).filter { $0.times > 1 }
    }
}

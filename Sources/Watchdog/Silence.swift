// SPDX-License-Identifier: Apache-2.0

import Timing

/// Detection: how long a stream has been silent, when that is to be said, and when it is death.
///
/// A frame is progress only when its timestamp differs from the one before.
struct Silence: Sendable {
    enum Finding: Equatable, Sendable {
        case silent(Duration, failure: Int)
        case dead(after: Duration)
    }

    private let policy: FrameWatchdog.Policy
    /// When it began.
    private(set) var start = Instant(sinceOrigin: .zero)
    private var lastTimestamp: UInt32?
    /// Reports that were made, and those that were due: a late one stands for several.
    private var (reports, due) = (0, 0)

    init(policy: FrameWatchdog.Policy) { self.policy = policy }

    /// When the next finding is due.
    var deadline: Instant { min(reportDeadline(after: due), start + policy.stallAfter) }

    private func reportDeadline(after reports: Int) -> Instant {
        start + policy.warnAfter + policy.checkEvery * reports
    }

    func length(at now: Instant) -> Duration { start.duration(to: now) }

    mutating func begin(at now: Instant) {
        start = now
        (reports, due) = (0, 0)
    }

    /// Takes in a frame's timestamp, and says whether it is another one than the last.
    mutating func takeTimestamp(_ timestamp: UInt32) -> Bool {
        defer { lastTimestamp = timestamp }
        return timestamp != lastTimestamp
    }

    /// Another connection counts its timestamps from anywhere.
    mutating func forgetTimestamp() { lastTimestamp = nil }

    /// What is to be said once the deadline has come.
    mutating func finding(at now: Instant) -> Finding {
        let length = length(at: now)
        if length >= policy.stallAfter { return .dead(after: length) }
        while reportDeadline(after: due) <= now { due += 1 }
        reports += 1
        return .silent(length, failure: reports)
    }
}

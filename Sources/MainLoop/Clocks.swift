// SPDX-License-Identifier: Apache-2.0

import Glibc
import Timing

extension MainLoop {
    /// Time since boot, suspended or not. Any thread may ask.
    package nonisolated static var now: Instant {
        let time = read(CLOCK_BOOTTIME)
        return Instant(sinceOrigin: .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec))
    }
}

/// The time of day, for log lines and file names only: it can jump.
package enum WallClock {
    /// Time since 1970, and how far local time is ahead of UTC in seconds just then.
    package static var now: (seconds: Int64, nanoseconds: Int32, utcOffset: Int32) {
        var time = read(CLOCK_REALTIME)
        var local = tm()
        localtime_r(&time.tv_sec, &local)
        return (Int64(time.tv_sec), Int32(time.tv_nsec), Int32(local.tm_gmtoff))
    }
}

private func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    let status = clock_gettime(clock, &time)
    precondition(status == 0, "no clock \(clock)")
    return time
}

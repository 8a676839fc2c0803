// SPDX-License-Identifier: Apache-2.0

import CGLib
import Glibc
import Timing

/// A timerfd on the clock of `MainLoop.now`. GLib's own ready times stand still while the machine sleeps.
@MainLoop
final class Timer {
    let descriptor = timerfd_create(CLOCK_BOOTTIME, CInt(TFD_NONBLOCK | TFD_CLOEXEC))
    private var armed: Instant?

    init() { precondition(descriptor >= 0, "no timer: \(String(cString: strerror(errno)))") }

    deinit { close(descriptor) }

    func arm(at instant: Instant?) {
        if instant == armed { return }
        armed = instant
        var setting = itimerspec()
        if let instant {
            // Zero would disarm it.
            let (seconds, attoseconds) = max(instant.sinceOrigin, .nanoseconds(1)).components
            setting.it_value = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        }
        timerfd_settime(descriptor, CInt(TFD_TIMER_ABSTIME), &setting, nil)
    }

    /// Acknowledges that it has expired, so that it does not wake the loop again.
    func clear() {
        var expiries: UInt64 = 0
        // There is nothing to read if it was moved after the loop found it expired.
        if read(descriptor, &expiries, MemoryLayout.size(ofValue: expiries)) > 0 { armed = nil }
    }
}

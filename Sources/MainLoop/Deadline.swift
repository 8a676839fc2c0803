// SPDX-License-Identifier: Apache-2.0

import CGLib
import Glibc
import Timing

/// One moment to be woken at, on the clock of `MainLoop.now`, which can be moved as often as one likes.
///
/// It fires once each time it is armed, never inside `arm`, and never after it was disarmed or let go.
@MainLoop
package final class Deadline {
    private let timer: Timer
    private let source: EventSource

    package init(_ handler: @escaping @MainLoop () -> Void) {
        let timer = Timer()
        let source: UnsafeMutablePointer<GSource> = cglib_source_new()
        g_source_add_unix_fd(source, timer.descriptor, G_IO_IN)
        self.timer = timer
        self.source = EventSource(adopting: source) { if timer.takeExpiry() { handler() } }
    }

    /// Moves the deadline; `nil` disarms it, and an instant that has passed fires at the loop's next turn.
    package func arm(at instant: Instant?) {
        timer.arm(at: instant)
    }
}

/// A timerfd. GLib's own ready times stand still while the machine sleeps.
@MainLoop
private final class Timer {
    let descriptor = timerfd_create(CLOCK_BOOTTIME, CInt(TFD_NONBLOCK | TFD_CLOEXEC))
    private var armed: Instant?

    init() {
        precondition(descriptor >= 0, "no timer: \(String(cString: strerror(errno)))")
    }

    deinit {
        close(descriptor)
    }

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

    /// False if the timer was moved after the loop had found it expired.
    func takeExpiry() -> Bool {
        var expiries: UInt64 = 0
        guard read(descriptor, &expiries, MemoryLayout.size(ofValue: expiries)) > 0 else { return false }
        armed = nil
        return true
    }
}

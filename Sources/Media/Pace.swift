// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Synchronization
import Timing

/// When each frame of a video is due, by the clock.
///
/// A small delay is made up for, a large one forgotten: a camera that was stopped, or starved of processor time, goes on
/// from where it is instead of sending all that it missed at once.
struct Pace: Sendable {
    static let mostLate = Duration.milliseconds(200)
    static let mostEarly = Duration.seconds(2)

    /// When the video began, by the pace that is kept.
    private var origin: Instant?

    /// Says how long the frame that is `position` into the video has to wait.
    mutating func schedule(_ position: Duration, at now: Instant) -> Duration {
        if let origin {
            let wait = now.duration(to: origin + position)
            if wait >= .zero - Pace.mostLate, wait <= Pace.mostEarly { return max(wait, .zero) }
        }
        origin = now - position
        return .zero
    }
}

extension Pace {
    /// Holds frames back from an element until they are due.
    static func keep(into element: Element) {
        let pace = SharedPace()
        element.withPad("sink") {
            PadProbe.add(to: $0, on: GST_PAD_PROBE_TYPE_BUFFER) { _, info in
                info.forEachBuffer(pace.wait)
                return GST_PAD_PROBE_OK
            }
        }
    }
}

private final class SharedPace: Sendable {
    private let pace = Mutex(Pace())

    func wait(for frame: UnsafeMutablePointer<GstBuffer>) {
        let position = Duration.nanoseconds(frame.pointee.pts)
        let wait = pace.withLock { $0.schedule(position, at: MainLoop.now) }
        g_usleep(gulong(wait / .microseconds(1)))
    }
}

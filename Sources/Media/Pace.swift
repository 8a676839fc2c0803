// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Synchronization
import Timing

/// When each frame of a video is due, by the clock.
///
/// Who falls behind catches up with little and forgets about much: a camera that was stopped, or starved of processor
/// time, goes on from where it stands and does not send all at once what it missed.
struct Pace: Sendable {
    static let mostLate = Duration.milliseconds(200)
    static let mostEarly = Duration.seconds(2)

    /// When the video's first moment was, as far as we keep to it.
    private var origin: Instant?

    /// How long the frame that is `position` into the video has to wait.
    mutating func wait(of position: Duration, at now: Instant) -> Duration {
        if let origin {
            let wait = now.duration(to: origin + position)
            if wait >= .zero - Pace.mostLate, wait <= Pace.mostEarly { return max(wait, .zero) }
        }
        origin = now - position
        return .zero
    }
}

extension Pace {
    /// Has frames that go into an element go there when they are due.
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
        let wait = pace.withLock { $0.wait(of: position, at: MainLoop.now) }
        g_usleep(gulong(wait / .microseconds(1)))
    }
}

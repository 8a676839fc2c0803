// SPDX-License-Identifier: Apache-2.0

import Timing

/// One time for all sessions of a camera: it begins with the first frame, goes on while there are none, and never stands
/// or goes back.
///
/// Within a session it keeps the pace of the session's own times, which know nothing of the network's hurry and delay.
/// Where those stray from the time of arrival by more than `tolerance` (the machine slept, the sender's clock jumped), or
/// a frame has none, its arrival counts.
struct StreamClock: Sendable {
    static let tolerance = Duration.seconds(2)
    static let smallestStep = Duration.microseconds(1)

    private var origin: Instant?
    private var session: Int?
    /// What is added to the session's times.
    private var offset = Duration.zero
    private var last = Duration.zero - smallestStep

    /// Gives a frame its time.
    mutating func stamp(_ frame: Duration?, in session: Int, arrivedAt arrival: Instant) -> Duration {
        let origin = origin ?? arrival
        self.origin = origin
        let arrived = origin.duration(to: arrival)
        last = max(frame.map { follow($0, in: session, arrived) } ?? arrived, last + StreamClock.smallestStep)
        return last
    }

    private mutating func follow(_ frame: Duration, in session: Int, _ arrived: Duration) -> Duration {
        let stray = frame + offset - arrived
        if session != self.session || stray > StreamClock.tolerance || stray < .zero - StreamClock.tolerance {
            self.session = session
            offset = arrived - frame
        }
        return frame + offset
    }
}

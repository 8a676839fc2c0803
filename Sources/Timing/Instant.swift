// SPDX-License-Identifier: Apache-2.0

/// A moment on the one monotonic timeline, which goes on while the machine sleeps.
///
/// Pure modules are given instants and never ask for one: they come from `MainLoop.now` in the service, and from a
/// virtual clock in the simulation.
package struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Time since an origin that only the clock knows.
    package let sinceOrigin: Duration

    package init(sinceOrigin: Duration) { self.sinceOrigin = sinceOrigin }

    package func duration(to later: Instant) -> Duration { later.sinceOrigin - sinceOrigin }

    package static func + (left: Instant, right: Duration) -> Instant {
        Instant(sinceOrigin: left.sinceOrigin + right)
    }

    package static func - (left: Instant, right: Duration) -> Instant {
        Instant(sinceOrigin: left.sinceOrigin - right)
    }

    package static func += (left: inout Instant, right: Duration) { left = left + right }

    package static func < (left: Instant, right: Instant) -> Bool { left.sinceOrigin < right.sinceOrigin }

    package var description: String { "\(sinceOrigin)" }
}

extension Instant? {
    /// The earlier of two moments, if there are any. It is asked for each frame, and makes no array.
    package func orEarlier(_ other: Instant?) -> Instant? {
        guard let self, let other else { return self ?? other }
        return min(self, other)
    }
}

extension Duration {
    /// The same length as a number of seconds, for people and metrics.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    /// Whole seconds, the rest cut off: the `10` of "No frames for 10s".
    package var wholeSeconds: Int64 { components.seconds }
}

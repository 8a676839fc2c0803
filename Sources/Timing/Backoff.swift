// SPDX-License-Identifier: Apache-2.0

/// How long to wait after each failure in a row; the last delay repeats for ever.
package struct Backoff: Equatable, Sendable {
    /// The share of a delay by which jitter can lengthen or shorten it.
    static let spread = 0.1

    package let delays: [Duration]

    package init(_ delays: [Duration]) {
        precondition(!delays.isEmpty, "a backoff needs at least one delay")
        self.delays = delays
    }

    /// The wait after `failures` (1 or more) in a row. `jitter` is in -1...1 and comes from the caller's dice.
    package func delay(after failures: Int, jitter: Double) -> Duration {
        let delay = delays[min(max(failures, 1), delays.count) - 1]
        return delay * (1 + Backoff.spread * min(max(jitter, -1), 1))
    }
}

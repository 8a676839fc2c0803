// SPDX-License-Identifier: Apache-2.0

import Timing

extension FrameWatchdog {
    /// How patient the watchdog is.
    package struct Policy: Equatable, Sendable {
        package var warnAfter = Duration.seconds(5)
        package var checkEvery = Duration.seconds(3)
        package var stallAfter = Duration.seconds(10)
        package var reconnectWait = Duration.seconds(30)
        package var negotiationLimit = Duration.seconds(30)
        /// What is still given to a stream of which something else than its silence tells that it is over.
        package var grace = Duration.seconds(2)
        package var steadyAfter = Duration.seconds(10)
        package var retries = Backoff([.seconds(10), .seconds(30), .seconds(60), .seconds(120)])
        /// `nil` tries for ever.
        package var maxAttempts: Int?

        package init() {}
    }
}

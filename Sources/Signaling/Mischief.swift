// SPDX-License-Identifier: Apache-2.0

/// What our own camera does wrong on purpose: nothing, by default.
package struct Mischief: Equatable, Sendable {
    /// Its frames, and nothing else, stop this long after each fresh connection; drawn anew each time.
    package var zombieAfter: ClosedRange<Duration>?
    /// How many commands it ignores, counted from its start.
    package var ignoredCommands = 0
    /// How long it takes over each offer.
    package var offerDelay = Duration.zero
    /// It vanishes without a word this long after its start.
    package var dieAfter: Duration?

    package init() {}
}

// SPDX-License-Identifier: Apache-2.0

/// What a camera of our own does wrong on purpose; as it is made, nothing.
package struct Mischief: Equatable, Sendable {
    /// So long after each fresh connection its frames stop, and nothing else does.
    package var zombieAfter: Duration?
    /// How many commands it ignores, from its start.
    package var ignoredCommands = 0
    /// How long it takes to offer.
    package var offerDelay = Duration.zero
    /// So long after its start it is gone without a word.
    package var dieAfter: Duration?

    package init() {}
}

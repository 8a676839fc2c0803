// SPDX-License-Identifier: Apache-2.0

/// What a connection may cost, whatever is said over it. The configuration has keys for those that an owner may want to
/// change.
package struct TransportLimits: Equatable, Sendable {
    package var connectionsPerSecond = 20
    /// How long a connection may take to say what it wants, the first time and again.
    package var handshake = Duration.seconds(10)
    /// How many connections may not have said it yet.
    package var guests = 256
    package var textBytes = 256 * 1_024
    package var binaryBytes = 4 * 1_024 * 1_024
    package var framesPerMessage = 1_024
    /// How much a peer may leave unread.
    package var unsentBytes = 4 * 1_024 * 1_024
    /// How long a client may take nothing of an answer, or send nothing of a body.
    package var stall = Duration.seconds(30)
    /// How long a peer may take to answer a close.
    package var closing = Duration.seconds(2)

    package init() {}
}

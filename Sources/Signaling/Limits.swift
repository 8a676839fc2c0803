// SPDX-License-Identifier: Apache-2.0

/// What peers can cost at most. The configuration has a key for each that an owner may want to change.
package struct Limits: Equatable, Sendable {
    package var textBytes = 256 * 1_024
    package var binaryBytes = 4 * 1_024 * 1_024
    package var messagesPerSecond = 100
    package var messageBurst = 200
    package var peers = 1_000
    package var connectionsPerSecond = 20
    package var handshake = Duration.seconds(10)
    package var jsonDepth = 32
    package var framesPerMessage = 1_024
    /// What a peer may leave unread.
    package var unsentBytes = 4 * 1_024 * 1_024
    /// How long a peer may take to answer a close.
    package var closing = Duration.seconds(2)
    /// Connections that may be on their way to becoming peers.
    package var guests = 256

    package init() {}
}

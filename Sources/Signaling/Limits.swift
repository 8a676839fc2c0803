// SPDX-License-Identifier: Apache-2.0

/// What a peer can cost at most.
package enum Limits {
    package static let textBytes = 256 * 1_024
    package static let binaryBytes = 4 * 1_024 * 1_024
    package static let jsonDepth = 32
    package static let messagesPerSecond = 100
    package static let messageBurst = 200
    package static let peers = 1_000
    package static let connectionsPerSecond = 20
    package static let handshake = Duration.seconds(10)
    /// What may be on its way to one peer, or wait for it.
    package static let unsentBytes = 4 * 1_024 * 1_024
}

// SPDX-License-Identifier: Apache-2.0

/// Bounds on what peers say. The configuration has a key for each.
package struct Limits: Equatable, Sendable {
    package var messagesPerSecond = 100
    package var messageBurst = 200
    package var peers = 1_000
    package var jsonDepth = 32

    package init() {}
}

// SPDX-License-Identifier: Apache-2.0

import Timing

/// What all peers of a receiver, or of a camera, have in common.
package struct PeerConfiguration: Equatable, Sendable {
    /// How long to wait for a lost packet; RTX needs a round trip or two.
    var latency = Duration.milliseconds(200)
    /// `stun://host:port`
    package var stunServer: String?
    /// `turn://user:password@host:port?transport=udp`, or `turns:`
    package var turnServers: [String] = []
    /// The only addresses to use, unless all of the machine's are wanted. Loopback is used only if named here.
    var localAddresses: [String] = []

    package init() {}
}

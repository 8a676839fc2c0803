// SPDX-License-Identifier: Apache-2.0

import Timing

/// What is wrong with the paths and the relay, and until when.
struct Network: Sendable {
    var noMediaUntil = Instant.start
    var noConnectingUntil = Instant.start
    var noSignalingUntil = Instant.start
    var noRelayUntil = Instant.start
    var lossUntil = Instant.start
    var delayUntil = Instant.start
    var reorderUntil = Instant.start
    var loss = 0
    var delay = Duration.zero
    /// Since when no media gets through.
    var blackSince: Instant?

    func weather(at now: Instant) -> FrameStream.Weather {
        FrameStream.Weather(
            lost: now < lossUntil ? loss : 0, delay: now < delayUntil ? delay : .zero,
            isReordering: now < reorderUntil)
    }

    func acceptsSockets(at now: Instant) -> Bool { noSignalingUntil <= now && noRelayUntil <= now }

    func connects(at now: Instant) -> Bool { blackSince == nil && noConnectingUntil <= now }

    func isWell(at now: Instant) -> Bool {
        acceptsSockets(at: now) && connects(at: now) && max(lossUntil, delayUntil, reorderUntil) <= now
    }
}

extension World {
    /// Media stops or starts getting through. A connection that is cut off for 30 s loses its consent, and the receiver may
    /// be told so 45 to 50 s after the last packet.
    mutating func watchMediaPath() {
        let isBlack = now < max(network.noMediaUntil, awakeAt)
        switch (network.blackSince, isBlack) {
        case (nil, true):
            network.blackSince = now
            for peer in receiver.peers where networkDice.chance(1, in: 2) {
                plan(.consentExpires(of: peer.connection), at: now + networkDice.milliseconds(45_000...50_000))
            }
        case (let since?, false):
            network.blackSince = nil
            if since + .seconds(30) <= now { (phone.isConnected, phone.older) = (false, nil) }
        case (nil, false), (.some, true): break
        }
    }
}

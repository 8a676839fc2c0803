// SPDX-License-Identifier: Apache-2.0

import Signaling
import Sockets
import Telemetry

extension Relay {
    /// What a relay is told when it is made.
    package struct Settings: Sendable {
        /// The address to listen on.
        package var bind = "0.0.0.0"
        /// `nil` opens everything to everybody.
        package var token: Secret?
        /// Besides the pages that we serve ourselves.
        package var allowedOrigins: Set<String> = []
        package var viewerPolicy = RelayCore.ViewerPolicy.oldest
        package var limits = Limits()

        package init() {}
    }
}

extension Limits {
    var socket: WebSocket.Limits {
        var socket = WebSocket.Limits()
        socket.text = textBytes
        socket.binary = binaryBytes
        socket.unsent = unsentBytes
        return socket
    }
}

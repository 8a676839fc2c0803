// SPDX-License-Identifier: Apache-2.0

import CGLib
import MainLoop

/// Tells of each change of this machine's network, until it is let go.
@MainLoop
package final class NetworkChanges {
    private let connection: SignalConnection

    package init(_ handler: @escaping @MainLoop () -> Void) {
        let monitor = GObjectRef(retaining: g_network_monitor_get_default())
        connection = SignalConnection(monitor, "network-changed") { emission in
            // GIO also tells that the network has gone.
            if emission.argument(0, as: Bool.self) { handler() }
        }
    }
}

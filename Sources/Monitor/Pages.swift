// SPDX-License-Identifier: Apache-2.0

import Signaling
import Sockets

/// What a browser is shown.
package struct Pages: Sendable {
    /// Where a page sends a browser that came without TLS.
    package var httpsPort: UInt16

    package init(httpsPort: UInt16) {
        self.httpsPort = httpsPort
    }

    /// The page at an address where a peer's socket could be opened as well.
    package func page(at address: RelayAddress) -> HTTPResponse? {
        switch address.role {
        case .camera: cameraPage
        case .viewer: nil
        }
    }
}

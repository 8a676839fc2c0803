// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Sockets
import Text
import Web

/// What a browser is shown.
@MainLoop
package final class Pages {
    /// Where a page sends a browser that came without TLS.
    package var httpsPort: UInt16
    /// Where phones find the camera page, without a token.
    package var phoneAddresses: [String] = []
    let version: String
    let cameras: @MainLoop () -> [CameraName]

    package init(version: String, httpsPort: UInt16, cameras: @escaping @MainLoop () -> [CameraName]) {
        self.version = version
        self.httpsPort = httpsPort
        self.cameras = cameras
    }

    package var routes: [Route] {
        [
            Route(.get, .exactly("/")) { request, _ in .response(self.firstPage(for: request)) },
            Route(.get, .named("camera")) { _, _ in .response(self.cameraPage) },
        ]
    }
}

// SPDX-License-Identifier: Apache-2.0

import Sockets
import Web

extension Pages {
    /// Makes a browser a camera: one file, and nothing from elsewhere.
    var cameraPage: HTTPResponse { .page(cameraTemplate, ["https-port": "\(httpsPort)"], connects: true) }
}

private let cameraTemplate = String(decoding: PackageResources.camera_html, as: UTF8.self)

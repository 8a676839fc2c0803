// SPDX-License-Identifier: Apache-2.0

import Text

/// What a WebSocket's address asks to be.
package struct RelayAddress: Equatable, Sendable {
    package enum Role: String, Sendable {
        case camera, viewer
    }

    package let role: Role
    package let camera: CameraName

    package init(_ role: Role, of camera: CameraName) {
        self.role = role
        self.camera = camera
    }
}

// SPDX-License-Identifier: Apache-2.0

/// What tells one camera from another: 1 to 64 of `A-Z a-z 0-9 . _ -`. Fit for a path, a log line and a file's name.
package struct CameraName: Hashable, Sendable, CustomStringConvertible {
    /// The camera of the bare addresses.
    package static let `default` = CameraName(trusted: "default")

    package let description: String

    private init(trusted name: String) { description = name }

    package init?(_ name: some StringProtocol) {
        let letters = name.utf8
        guard (1...64).contains(letters.count), letters.allSatisfy(CameraName.isAllowed) else { return nil }
        // They would leave a directory that is named after a camera.
        guard name != ".", name != ".." else { return nil }
        description = String(name)
    }

    private static func isAllowed(_ letter: UInt8) -> Bool {
        switch Unicode.Scalar(letter) {
        case "A"..."Z", "a"..."z", "0"..."9", ".", "_", "-": true
        default: false
        }
    }
}

/// What a WebSocket's address asks to be.
package struct RelayAddress: Equatable, Sendable {
    package enum Role: String, Sendable {
        case camera
        case viewer
    }

    package let role: Role
    package let camera: CameraName

    package init(_ role: Role, of camera: CameraName) {
        self.role = role
        self.camera = camera
    }

    /// Reads `/camera`, `/viewer/front-door` and the like, wherever in the path they stand: the first generation only
    /// looked for `/camera` in the URL. What follows a `?` does not count.
    package init?(path: String) {
        let path = path.prefix { $0 != "?" && $0 != "#" }
        let parts = path.split(separator: "/")
        guard path.hasPrefix("/"), let index = parts.firstIndex(where: { Role(rawValue: String($0)) != nil }),
            let role = Role(rawValue: String(parts[index]))
        else { return nil }
        self.role = role
        switch parts.count - index {
        case 1: camera = .default
        case 2:
            guard let name = CameraName(parts[index + 1]) else { return nil }
            camera = name
        default: return nil
        }
    }
}

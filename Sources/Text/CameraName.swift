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
        // As a path, they would lead out of a camera's directory.
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

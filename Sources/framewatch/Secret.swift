// SPDX-License-Identifier: Apache-2.0

/// A text that is used but never shown: it prints as `…`.
struct Secret: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let revealed: String

    init(_ text: String) { revealed = text }

    var description: String { "…" }
    var debugDescription: String { "…" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

// SPDX-License-Identifier: Apache-2.0

/// A text that nobody may see: printed, interpolated, reflected or dumped, it is `…`.
package struct Secret: Equatable, Sendable {
    private let text: String

    package init(_ text: String) { self.text = text }

    /// The text itself, for whoever passes it on to where it belongs. Every use is worth a look.
    package func revealSecret() -> String { text }

    package static func == (left: Secret, right: Secret) -> Bool {
        left.text.isEmpty ? right.text.isEmpty : left.matches(right.text)
    }

    /// Whether `other` is the same, byte for byte; an empty secret matches nothing.
    ///
    /// The time that this takes reveals whether the lengths agree, and no more.
    package func matches(_ other: String) -> Bool {
        let (mine, theirs) = (text.utf8, other.utf8)
        guard mine.count == theirs.count && !mine.isEmpty else { return false }
        return zip(mine, theirs).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "…" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

// SPDX-License-Identifier: Apache-2.0

/// Tells an IP address from a name, without asking anybody.
package enum IPLiteral {
    package static func isAddress(_ text: Substring) -> Bool { isIPv4(text) || isIPv6(text) }

    static func isIPv4(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        // Some read a leading zero as octal.
        return parts.count == 4
            && parts.allSatisfy { $0.wholeNumber() as UInt8? != nil && ($0 == "0" || $0.first != "0") }
    }

    /// None that names an interface (`%eth0`).
    package static func isIPv6(_ text: Substring) -> Bool {
        guard let gap = text.firstRange(of: "::") else { return groups(in: text) == 8 }
        let (head, tail) = (text[..<gap.lowerBound], text[gap.upperBound...])
        guard let before = head.isEmpty ? 0 : groups(in: head), let after = tail.isEmpty ? 0 : groups(in: tail),
            !head.contains(".")
        else { return false }
        return before + after <= 7
    }

    /// How many groups of 16 bits are written in `text`; an IPv4 address at its end is two of them.
    private static func groups(in text: Substring) -> Int? {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var count = 0
        if let last = parts.last, isIPv4(last) {
            parts.removeLast()
            count = 2
        }
        let isHex = parts.allSatisfy { (1...4).contains($0.utf8.count) && $0.allSatisfy(\.isHexDigit) }
        return isHex ? count + parts.count : nil
    }
}

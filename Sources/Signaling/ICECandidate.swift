// SPDX-License-Identifier: Apache-2.0

/// A candidate that is safe to hand to the media stack: well formed, and its address is an address.
package struct ICECandidate: Equatable, Sendable {
    package enum Transport: String, Sendable {
        case udp
        case tcp
    }

    package enum Kind: String, Sendable {
        case host
        case serverReflexive = "srflx"
        case peerReflexive = "prflx"
        case relay
    }

    /// Why a candidate is not passed on.
    package enum Flaw: Error, Equatable, Sendable {
        case malformed
        /// An mDNS name: libnice 0.1 leaks on it and can crash. The peer's checks reach us without it.
        case localName
        /// Any other name instead of an address.
        case hostName
    }

    package static let longest = 1_024
    /// RTP and RTCP.
    private static let components: ClosedRange<UInt8> = 1...2

    let foundation: String
    package let component: Int
    package let transport: Transport
    package let priority: UInt32
    package let address: String
    package let port: UInt16
    package let kind: Kind
    /// Of the session that it belongs to, where the candidate says so (libwebrtc's do).
    package let ufrag: String?
    /// `candidate:...` as it came.
    package let line: String

    /// Reads `candidate:...`, with or without `a=` before it.
    package init(parsing text: String) throws(Flaw) {
        guard text.utf8.count <= ICECandidate.longest, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw .malformed
        }
        let prefix = "candidate:"
        var rest = text[...]
        if rest.hasPrefix("a=") { rest = rest.dropFirst(2) }
        while rest.last == " " { rest.removeLast() }
        guard rest.hasPrefix(prefix) else { throw .malformed }
        line = String(rest)
        let words = rest.dropFirst(prefix.count).split(separator: " ", omittingEmptySubsequences: false)
        guard words.count >= 8, words.allSatisfy({ !$0.isEmpty }) else { throw .malformed }
        if words.contains(where: ICECandidate.isLocalName) { throw .localName }

        guard words[0].utf8.count <= 32, words[6] == "typ", let kind = Kind(rawValue: String(words[7])),
            let component = UInt8(words[1]), ICECandidate.components.contains(component),
            let transport = Transport(rawValue: words[2].lowercased()),
            let priority = UInt32(words[3]), let port = UInt16(words[5]), port > 0
        else { throw .malformed }
        guard IPLiteral.isAddress(words[4]) else { throw .hostName }
        foundation = String(words[0])
        self.component = Int(component)
        self.transport = transport
        self.priority = priority
        address = String(words[4])
        self.port = port
        self.kind = kind
        ufrag = ICECandidate.value(of: "ufrag", in: words[8...])
    }

    private static func isLocalName(_ word: Substring) -> Bool {
        let name = word.lowercased()
        return name.hasSuffix(".local") || name.hasSuffix(".local.")
    }

    /// The extensions are pairs of a name and a value.
    private static func value(of name: String, in extensions: ArraySlice<Substring>) -> String? {
        var pairs = extensions
        while pairs.count >= 2 {
            if pairs.removeFirst() == name { return pairs.first.map(String.init) }
            pairs.removeFirst()
        }
        return nil
    }
}

/// Tells an IP address from a name, without asking anybody.
enum IPLiteral {
    static func isAddress(_ text: Substring) -> Bool {
        isIPv4(text) || isIPv6(text)
    }

    static func isIPv4(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return parts.count == 4 && parts.allSatisfy { $0.utf8.allSatisfy(digits.contains) && UInt8($0) != nil }
    }

    static func isIPv6(_ text: Substring) -> Bool {
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

// SPDX-License-Identifier: Apache-2.0

import Text

/// A candidate that is safe to hand to the media stack: well formed, and its address is an address.
package struct ICECandidate: Equatable, Sendable {
    /// Why a candidate is not passed on.
    package enum Flaw: Error, Equatable, Sendable {
        case malformed
        /// An mDNS name: libnice 0.1 leaks on it and can crash. The peer's checks reach us without it.
        case localName
        /// Any other name in place of an address.
        case hostName
    }

    package static let longest = 1_024
    /// RTP and RTCP.
    private static let components: ClosedRange<UInt8> = 1...2
    private static let kinds: Set<Substring> = ["host", "srflx", "prflx", "relay"]

    let address: String
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

        guard words[0].utf8.count <= 32, words[6] == "typ", ICECandidate.kinds.contains(words[7]),
            let component = UInt8(words[1]), ICECandidate.components.contains(component),
            ["udp", "tcp"].contains(words[2].lowercased()), UInt32(words[3]) != nil, UInt16(words[5]) ?? 0 > 0
        else { throw .malformed }
        guard IPLiteral.isAddress(words[4]) else { throw .hostName }
        address = String(words[4])
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

// SPDX-License-Identifier: Apache-2.0

// What the log says of refusals. Of a peer's own words it shows no more than a few legible letters.

extension SignalingMessage.Refusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notJSON: "not JSON"
        case .tooDeep: "JSON that is nested too deeply"
        case .notAnObject: "not a JSON object"
        case .missing(let field): "no \(field)"
        case .wrongType(let field): "\(field) is of the wrong type"
        case .tooLong(let field): "\(field) is too long"
        case .unknownType(let type): "unknown type \(type)"
        }
    }
}

extension SessionDescription.Refusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "the SDP is empty"
        case .tooLong: "the SDP is too long, or has too many lines"
        case .garbage(let line): "line \(line) is no SDP"
        case .noVideo: "no video is offered"
        case .noCodec(let ours, let offered): SessionDescription.Refusal.difference(between: ours, and: offered)
        case .noFingerprint: "the SDP has no fingerprint of a certificate that makes sense"
        case .weakFingerprint: "the SDP has a sha-1 fingerprint only, which can be forged; sha-256 would do"
        case .noCredentials: "the SDP has no ICE user name, or no password"
        case .noSetup: "the SDP does not say who opens DTLS (a=setup)"
        }
    }

    /// Codecs that carry no pictures of their own.
    private static let wrappings: Set = ["RTX", "RED", "ULPFEC", "FLEXFEC-03"]

    private static func difference(between ours: [VideoCodec], and offered: [String]) -> String {
        var seen = wrappings
        let names = offered.filter { seen.insert($0.uppercased()).inserted }.prefix(8).map(\.legible)
        let wanted = ours.map { $0.rawValue.uppercased() }.joined(separator: ", ")
        let found = names.isEmpty ? "" : ", but \(names.joined(separator: ", "))"
        return "none of our codecs (\(wanted)) is offered\(found)"
    }
}

extension ICECandidate.Flaw: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed: "malformed"
        case .localName: "an mDNS name instead of an address"
        case .hostName: "a name instead of an address"
        }
    }
}

extension RelayCore.Drop: CustomStringConvertible {
    package var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .misplaced(let type): "\(type) is not for this side to send"
        case .notHolder(let type): "\(type), but another viewer holds the conversation"
        case .unaskedAnswer: "an answer without an offer"
        case .displaced(let type): "\(type), but a newer camera has taken the name; give each its own: /camera/NAME"
        case .strayBinary(let bytes): "\(bytes) bytes that are no picture"
        }
    }
}

extension String {
    /// A library's complaint about a description, without its quotations, which may be passwords.
    package func withholding(valuesOf description: String) -> String {
        let values = description.split(whereSeparator: \.isNewline).flatMap { line in
            (line.hasPrefix("a=") ? line.drop { $0 != ":" } : line.dropFirst(2)).split { !$0.isOfWord }
        }
        let withheld = Set(values)
        var text = ""
        var rest = self[...]
        while !rest.isEmpty {
            let word = rest.prefix { $0.isOfWord }
            text += withheld.contains(word) ? "..." : word
            rest.removeFirst(word.count)
            if let space = rest.popFirst() { text.append(space) }
        }
        return text
    }

    /// Its first letters, and nothing that could forge a log line.
    var legible: String {
        String(unicodeScalars.prefix(40).map { (" "..."~").contains($0) ? Character($0) : "?" })
    }
}

extension Character {
    fileprivate var isOfWord: Bool { isLetter || isNumber || "+/-_".contains(self) }
}

// SPDX-License-Identifier: Apache-2.0

/// An SDP as a value over its lines; unknown ones are kept, in order and byte for byte.
///
/// Whatever reads the text after us must see the same lines: one that two parsers could read differently (control
/// characters, a line that does not begin with `x=`) is refused.
package struct SessionDescription: Equatable, Sendable, CustomStringConvertible {
    /// Why a text is no description, or none that we can answer.
    package enum Refusal: Error, Equatable, Sendable {
        case empty
        case tooLong
        /// Its first line that is no line of SDP, counted from 1.
        case garbage(line: Int)
        case noVideo
        /// None of the offered codecs is one of ours.
        case noCodec(ours: [VideoCodec], offered: [String])
        case noFingerprint
        /// There are only hashes that can be forged: sha-1.
        case weakFingerprint
        /// There is no ICE user name, or no password.
        case noCredentials
        /// It does not say who opens DTLS.
        case noSetup
    }

    static let maxBytes = 256 * 1_024
    static let maxLines = 4_000
    static let maxSections = 64

    /// The lines before the first section.
    var session: [SDPLine] = []
    package internal(set) var sections: [MediaSection] = []

    package init(parsing text: String) throws(Refusal) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= SessionDescription.maxBytes else { throw .tooLong }
        var rest = text[...].utf8
        var number = 0
        while !rest.isEmpty {
            number += 1
            let line = SDPLine(takingFrom: &rest)
            guard number <= SessionDescription.maxLines else { throw .tooLong }
            guard line.isWellFormed, number > 1 || line.type == "v" else { throw .garbage(line: number) }
            try append(line, number: number)
        }
    }

    private mutating func append(_ line: SDPLine, number: Int) throws(Refusal) {
        if line.type == "m" {
            guard sections.count < SessionDescription.maxSections else { throw .tooLong }
            guard let section = MediaSection(opening: line) else { throw .garbage(line: number) }
            sections.append(section)
        } else if sections.isEmpty {
            session.append(line)
        } else {
            sections[sections.count - 1].lines.append(line)
        }
    }

    /// The text as it came, but for later changes.
    package var description: String {
        var text = ""
        for line in session { text += line.text + line.ending }
        for section in sections { for line in section.lines { text += line.text + line.ending } }
        return text
    }

    /// The commands that its author knows beyond those of every phone: `a=x-understands:ice_restart`.
    package var understood: Set<Command> {
        let words = session.firstValue(of: "x-understands")?.split(separator: " ") ?? []
        return Set(words.map { Command(rawValue: String($0)) })
    }

    /// Whose description this is and which version of it: the `o=` line.
    package var origin: Origin? {
        guard let line = session.first(where: { $0.type == "o" }) else { return nil }
        let words = line.value.split(separator: " ")
        guard words.count >= 3, let version = UInt64(words[2]) else { return nil }
        return Origin(author: String(words[0]), session: String(words[1]), version: version)
    }

    package struct Origin: Equatable, Sendable {
        let author: String
        package let session: String
        package let version: UInt64
    }

    /// A section's, or the whole session's where the section has none.
    package func fingerprints(of section: MediaSection) -> [Fingerprint] {
        let own = section.lines.compactMap(Fingerprint.init(line:))
        return own.isEmpty ? session.compactMap(Fingerprint.init(line:)) : own
    }

    package func setup(of section: MediaSection) -> Setup? {
        let value = section.lines.firstValue(of: "setup") ?? session.firstValue(of: "setup")
        return value.flatMap { Setup(rawValue: String($0)) }
    }

    /// Whether a section is to send frames.
    func sends(_ section: MediaSection) -> Bool {
        let direction = section.lines.lazy.compactMap(\.direction).first ?? session.lazy.compactMap(\.direction).first
        return direction != .recvonly && direction != .inactive
    }

    /// The same without candidates that must not reach the media stack: mDNS names first of all.
    package func droppingUnusableCandidates() -> SessionDescription {
        var copy = self
        copy.session.removeAll(where: \.isUnusableCandidate)
        for index in sections.indices { copy.sections[index].lines.removeAll(where: \.isUnusableCandidate) }
        return copy
    }

    /// The section that a trickled candidate is for; the first where it does not say.
    func sectionIndex(of candidate: TrickledCandidate) -> Int? {
        if let mid = candidate.mid, let index = sections.firstIndex(where: { $0.mid == mid }) { return index }
        let index = candidate.sectionIndex ?? 0
        return sections.indices.contains(index) ? index : nil
    }

    /// The names of the ICE sessions that are described here: one, with BUNDLE.
    var ufrags: Set<String> {
        let all = sections.map(\.lines).reduce(session, +).compactMap { $0.value(of: "ice-ufrag") }
        return Set(all.map(String.init))
    }
}

/// Who opens the DTLS connection.
package enum Setup: String, Sendable {
    case actpass, active, passive, holdconn
}

/// Which way a section's frames go, from its author's point of view.
enum Direction: String, CaseIterable, Sendable {
    case sendrecv, sendonly, recvonly, inactive
}

/// One line and how it ends.
struct SDPLine: Equatable, Sendable {
    let text: String
    private(set) var ending: String

    init(_ text: String) {
        self.text = text
        ending = "\r\n"
    }

    /// Takes the first line off `rest`, which is not empty.
    init(takingFrom rest: inout Substring.UTF8View) {
        let (newline, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        guard let end = rest.firstIndex(of: newline) else {
            text = String(Substring(rest))
            ending = ""
            rest = rest[rest.endIndex...]
            return
        }
        var content = rest[..<end]
        ending = "\n"
        if content.last == carriageReturn {
            content.removeLast()
            ending = "\r\n"
        }
        text = String(Substring(content))
        rest = rest[rest.index(after: end)...]
    }

    /// Empty, or a letter, `=` and no control characters.
    var isWellFormed: Bool {
        var bytes = text.utf8[...]
        guard let first = bytes.popFirst() else { return true }
        let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first)
        return isLetter && bytes.first == UInt8(ascii: "=") && bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    /// The letter before the `=`.
    var type: Unicode.Scalar? { text.unicodeScalars.first }

    /// What follows the `=`. All of this looks at bytes: a combining accent must not hide a colon.
    var value: Substring { Substring(text.utf8.dropFirst(2)) }

    /// What follows `a=name:`, or nothing behind a bare `a=name`; `nil` for any other line.
    func value(of attribute: String) -> Substring? {
        guard type == "a" else { return nil }
        // GStreamer skips spaces before a name.
        let body = text.utf8.dropFirst(2).drop { $0 == UInt8(ascii: " ") }
        guard body.starts(with: attribute.utf8) else { return nil }
        let rest = body.dropFirst(attribute.utf8.count)
        guard let next = rest.first else { return "" }
        return next == UInt8(ascii: ":") ? Substring(rest.dropFirst()) : nil
    }

    var direction: Direction? { Direction.allCases.first { value(of: $0.rawValue) == "" } }
}

extension [SDPLine] {
    func firstValue(of attribute: String) -> Substring? {
        for line in self { if let value = line.value(of: attribute) { return value } }
        return nil
    }
}

// SPDX-License-Identifier: Apache-2.0

/// One `m=` line and what follows it, up to the next.
package struct MediaSection: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case audio, video, application
        case other(String)

        init(_ word: Substring) {
            switch word {
            case "audio": self = .audio
            case "video": self = .video
            case "application": self = .application
            default: self = .other(String(word))
            }
        }
    }

    package let kind: Kind
    package let port: UInt16
    /// The payload numbers, or whatever the `m=` line lists, in its order.
    package let formats: [String]
    /// The `m=` line and all that follow.
    var lines: [SDPLine]

    init?(opening line: SDPLine) {
        let words = line.value.split(separator: " ")
        guard words.count >= 3, let port = words[1].split(separator: "/").first.flatMap({ UInt16($0) }) else {
            return nil
        }
        kind = Kind(words[0])
        self.port = port
        formats = words[3...].map(String.init)
        lines = [line]
    }

    /// A port of 0 refuses a section, unless another one carries it.
    package var isRejected: Bool { port == 0 && lines.firstValue(of: "bundle-only") == nil }

    package var mid: String? { lines.firstValue(of: "mid").map(String.init) }

    /// The codecs that the `m=` line names, in its order.
    package var codecs: [Codec] {
        var byPayload: [String: Codec] = [:]
        for line in lines {
            guard let codec = line.value(of: "rtpmap").flatMap(Codec.init(rtpmap:)) else { continue }
            byPayload[String(codec.payload), default: codec] = codec
        }
        for line in lines {
            guard let value = line.value(of: "fmtp") else { continue }
            let words = value.split(separator: " ", maxSplits: 1)
            if words.count == 2 { byPayload[String(words[0])]?.format = String(words[1]) }
        }
        return formats.compactMap { byPayload.removeValue(forKey: $0) }
    }

    package var extensions: [HeaderExtension] { lines.compactMap(HeaderExtension.init(line:)) }

    /// The `b=` lines: `b=AS:2000` is 2,000 kbit/s.
    var bandwidths: [Bandwidth] { lines.compactMap(Bandwidth.init(line:)) }

    /// The usable candidates.
    package var candidates: [ICECandidate] {
        // The others are counted where they are dropped.
        lines.compactMap { $0.candidate }.compactMap { try? $0.get() }
    }
}

/// A payload type and what it carries.
package struct Codec: Equatable, Sendable {
    package let payload: UInt8
    /// As it was written; names are compared without regard to case.
    package let name: String
    /// The `fmtp` behind the payload, as it was written.
    package internal(set) var format = ""

    /// Reads `96 H264/90000`.
    init?(rtpmap: Substring) {
        let words = rtpmap.split(separator: " ")
        guard words.count == 2, let payload = UInt8(words[0]), payload < 128 else { return nil }
        let parts = words[1].split(separator: "/")
        guard parts.count >= 2, Int(parts[1]) ?? 0 > 0 else { return nil }
        self.payload = payload
        name = String(parts[0])
    }

    /// One of `a=1;b=2`.
    package func parameter(_ name: String) -> String? {
        for pair in format.split(separator: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            if parts[0].drop(while: { $0 == " " }).lowercased() == name { return String(parts[1]) }
        }
        return nil
    }

    /// For `rtx`: the payload whose losses it repairs.
    package var repairedPayload: UInt8? {
        name.lowercased() == "rtx" ? parameter("apt").flatMap { UInt8($0) } : nil
    }
}

/// An RTP header extension: `a=extmap:3/sendonly uri`.
package struct HeaderExtension: Equatable, Sendable {
    package static let transportWideCC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    package static let videoOrientation = "urn:3gpp:video-orientation"

    package let id: Int
    package let uri: String

    init?(line: SDPLine) {
        guard let words = line.value(of: "extmap")?.split(separator: " "), words.count >= 2 else { return nil }
        guard let id = words[0].split(separator: "/", maxSplits: 1).first.flatMap({ Int($0) }) else { return nil }
        self.id = id
        uri = String(words[1])
    }
}

package struct Bandwidth: Equatable, Sendable {
    let modifier: String
    package let value: Int

    init?(line: SDPLine) {
        guard line.type == "b" else { return nil }
        let parts = line.value.split(separator: ":")
        guard parts.count == 2, let value = Int(parts[1]) else { return nil }
        modifier = String(parts[0])
        self.value = value
    }
}

/// The digest of the certificate that the peer will show.
package struct Fingerprint: Hashable, Sendable {
    /// The hashes that count as proof.
    package enum Hash: String, Sendable {
        case sha256 = "sha-256"
        case sha384 = "sha-384"
        case sha512 = "sha-512"

        var bytes: Int {
            switch self {
            case .sha256: 32
            case .sha384: 48
            case .sha512: 64
            }
        }
    }

    package let hash: Hash
    package let digest: [UInt8]

    init?(line: SDPLine) {
        guard let words = line.value(of: "fingerprint")?.split(separator: " "), words.count == 2,
            let hash = Hash(rawValue: words[0].lowercased())
        else { return nil }
        let pairs = words[1].split(separator: ":", omittingEmptySubsequences: false)
        let digest = pairs.compactMap { $0.utf8.count == 2 && $0.allSatisfy(\.isHexDigit) ? UInt8($0, radix: 16) : nil }
        guard digest.count == pairs.count, digest.count == hash.bytes else { return nil }
        self.hash = hash
        self.digest = digest
    }
}

extension SDPLine {
    /// What an `a=candidate` line holds; `nil` for any other line.
    var candidate: Result<ICECandidate, ICECandidate.Flaw>? {
        guard let value = value(of: "candidate") else { return nil }
        return Result { () throws(ICECandidate.Flaw) in try ICECandidate(parsing: "candidate:" + value) }
    }

    var isUnusableCandidate: Bool {
        switch candidate {
        case nil, .success: false
        case .failure: true
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The codecs that we can receive.
package enum VideoCodec: String, CaseIterable, Sendable {
    case h264, vp8
}

/// The payload of an offer that is answered.
package struct VideoChoice: Equatable, Sendable {
    /// The index of the video section in the offer.
    package let section: Int
    package let kind: VideoCodec
    package let codec: Codec
    /// Its retransmissions, where they are offered.
    let repair: Codec?
    /// If not, it rests and may be sent later.
    let isSent: Bool
}

extension SessionDescription {
    /// Picks the best payload of the first video that is sent: by the order of `preferences`, then by `H264Format`, then
    /// by the order of the offer.
    package func videoChoice(preferring preferences: [VideoCodec]) throws(Refusal) -> VideoChoice {
        let videos = sections.indices.filter { sections[$0].kind == .video && !sections[$0].isRejected }
        guard !videos.isEmpty else { throw .noVideo }
        let sent = videos.filter { sends(sections[$0]) }
        let candidates = sent.isEmpty ? videos : sent
        for index in candidates {
            let codecs = sections[index].codecs
            guard let (kind, codec) = SessionDescription.best(of: codecs, by: preferences) else { continue }
            let repair = codecs.first { $0.repairedPayload == codec.payload }
            return VideoChoice(section: index, kind: kind, codec: codec, repair: repair, isSent: !sent.isEmpty)
        }
        throw .noCodec(ours: preferences, offered: candidates.flatMap { sections[$0].codecs.map(\.name) })
    }

    private static func best(of codecs: [Codec], by preferences: [VideoCodec]) -> (VideoCodec, Codec)? {
        for preference in preferences {
            let candidates = codecs.filter { VideoCodec(rawValue: $0.name.lowercased()) == preference }
            let best =
                switch preference {
                // The first of equals.
                case .h264: candidates.min { H264Format($0) < H264Format($1) }
                case .vp8: candidates.first
                }
            if let best { return (preference, best) }
        }
        return nil
    }
}

/// How much we like an H264 payload, the best first.
///
/// Fragmented packets (mode 1) before single ones, then the simplest profile: every encoder and decoder knows it, and
/// it never reorders frames.
package struct H264Format: Comparable, Sendable {
    package enum Profile: Int, Comparable, Sendable {
        case constrainedBaseline, baseline, main, constrainedHigh, high, other

        package static func < (left: Profile, right: Profile) -> Bool { left.rawValue < right.rawValue }
    }

    package let profile: Profile
    let isFragmented: Bool

    package init(_ codec: Codec) {
        isFragmented = codec.parameter("packetization-mode") == "1"
        profile = H264Format.profile(of: codec.parameter("profile-level-id"))
    }

    package static func < (left: H264Format, right: H264Format) -> Bool {
        if left.isFragmented != right.isFragmented { return left.isFragmented }
        return left.profile < right.profile
    }

    /// Reads `42e01f`: a byte of profile, a byte of constraints, a byte of level (RFC 6184, table 5).
    private static func profile(of text: String?) -> Profile {
        // RFC 6184, 8.1: baseline is the default.
        guard let text else { return .baseline }
        guard text.utf8.count == 6, let number = UInt32(text, radix: 16) else { return .other }
        let constraints = UInt8(truncatingIfNeeded: number >> 8)
        switch number >> 16 {
        case 0x42: return constraints & 0x40 != 0 ? .constrainedBaseline : .baseline
        case 0x4D: return constraints & 0x80 != 0 ? .constrainedBaseline : .main
        case 0x58: return constraints & 0xC0 == 0xC0 ? .constrainedBaseline : .other
        case 0x64: return constraints & 0x0C == 0x0C ? .constrainedHigh : .high
        default: return .other
        }
    }
}

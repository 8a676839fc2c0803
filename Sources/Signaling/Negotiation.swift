// SPDX-License-Identifier: Apache-2.0

/// A phone's offer, what webrtcbin is handed in its place, and what the phone gets for webrtcbin's answer.
///
/// Phones write what webrtcbin refuses, and the other way about; all of that is dealt with here. The rules:
///
/// 1. A section keeps its place, and so do its candidates.
/// 2. One video is received. Whatever else shares its connection is answered as inactive; a section with port 0, or with
///    a connection of its own, is answered with port 0. webrtcbin takes no port 0 and is handed a section of ours.
/// 3. webrtcbin is always told that videos are sent and that nothing else is: it can't change a direction later (1.22).
///    Only the phone is told which are wanted.
/// 4. All sections of a connection are handed on with the address, password and certificate of the one that names the
///    bundle: the others may lack theirs, or have some that count only without the bundle.
/// 5. webrtcbin sets as its own description what it made, with transport-cc added, and after an ICE restart with other
///    credentials (`PathRestarts`).
package struct Negotiation: Equatable, Sendable {
    /// As it came.
    package let received: SessionDescription
    package let video: VideoChoice
    /// What webrtcbin is handed.
    package let offer: String
    /// Of the certificate that the phone will show.
    package let fingerprints: [Fingerprint]
    /// Of the phone's end of the connection.
    private let iceName: String?
    /// The mids that share the video's connection, which is the first one's; `nil` if the video has its own.
    private let bundle: [String]?
    /// The sections that are answered with port 0.
    private let refused: Set<Int>

    package struct Answer: Equatable, Sendable {
        /// For webrtcbin to set.
        package let local: String
        /// For the phone.
        package let remote: String
    }

    package init(offered text: String, preferring preferences: [VideoCodec]) throws(SessionDescription.Refusal) {
        received = try SessionDescription(parsing: text)
        video = try received.videoChoice(preferring: preferences)
        let (sections, chosen) = (received.sections, video.section)
        let bundle = received.bundle(with: sections[chosen].mid)
        let refused = Set(sections.indices.filter { $0 != chosen && !sections[$0].isCarried(in: bundle) })
        let first = sections.firstIndex { $0.mid != nil && $0.mid == bundle?.first && !$0.isRejected } ?? chosen
        let transport = try received.transport(of: sections[first])
        fingerprints = received.fingerprints(of: sections[first])
        iceName = transport.map(SDPLine.init(_:)).firstValue(of: "ice-ufrag").map(String.init)
        offer = Negotiation.offer(received, refusing: refused, transport: transport)
        (self.bundle, self.refused) = (bundle, refused)
    }

    /// Whether this continues the connection of `earlier` rather than open a fresh one. When the section that named the
    /// bundle was stopped and another names it, Chromium opens a new connection.
    func continues(_ earlier: Negotiation) -> Bool {
        guard let origin = received.origin, let before = earlier.received.origin else { return false }
        return origin.author == before.author && origin.session == before.session && origin.version > before.version
            && fingerprints == earlier.fingerprints && bundle?.first == earlier.bundle?.first
    }

    /// Whether this continues `earlier` on a path that is yet to be found.
    func restartsICE(after earlier: Negotiation) -> Bool {
        continues(earlier) && iceName != earlier.iceName
    }

    // MARK: - Candidates

    /// The section that one of the phone's candidates is for; the video's where it does not say, or that was refused.
    func section(of candidate: TrickledCandidate) -> Int? {
        if candidate.mid == nil && candidate.sectionIndex == nil { return video.section }
        return received.sectionIndex(of: candidate).map(place)
    }

    /// One of ours, as the phone is to read it.
    func candidate(_ text: String, section: Int) -> TrickledCandidate {
        TrickledCandidate(text, section: place(section), of: received.sections)
    }

    private func place(_ section: Int) -> Int { refused.contains(section) ? video.section : section }
}

// MARK: - What webrtcbin is handed

extension Negotiation {
    private static func offer(
        _ received: SessionDescription, refusing refused: Set<Int>, transport: [String]
    ) -> String {
        let taken = Set(received.sections.compactMap(\.mid))
        var given: Set<String> = []
        let mids = received.sections.enumerated().map { index, section in
            // A candidate given twice, or for a section that webrtcbin does not know, would confuse it.
            if !refused.contains(index), let mid = section.mid, given.insert(mid).inserted { return mid }
            var mid = "section\(index)"
            while taken.contains(mid) { mid += "_" }
            return mid
        }
        let sections = received.sections.enumerated().flatMap { index, section in
            (refused.contains(index) ? section.standIn : section.forWebRTCBin) + ["a=mid:\(mids[index])"] + transport
        }
        let session = received.session.filter { $0.bundle == nil && !$0.isOfTransport && $0.isForWebRTCBin }.map(\.text)
        // All of them, in this order: its answer keeps it, and the first must be the same (1.22).
        return (session + [SDPLine.group(of: mids)] + sections).asDescription
    }
}

extension SessionDescription {
    /// The group of which a section is part.
    fileprivate func bundle(with mid: String?) -> [String]? {
        guard let mid else { return nil }
        return session.lazy.compactMap(\.bundle).first { $0.contains(mid) }
    }

    /// What says where a section's packets go and who is at the other end.
    fileprivate func transport(of section: MediaSection) throws(Refusal) -> [String] {
        let lines = SDPLine.transport.flatMap { name in
            let own = section.lines.filter { $0.value(of: name) != nil }
            return own.isEmpty ? session.filter { $0.value(of: name) != nil } : own
        }
        if fingerprints(of: section).isEmpty { throw lines.announceWeakly ? .weakFingerprint : .noFingerprint }
        for name in ["ice-ufrag", "ice-pwd"] where lines.firstValue(of: name)?.isEmpty != false {
            throw .noCredentials
        }
        switch setup(of: section) {
        case .actpass, .active, .passive: return lines.map(\.text)
        case .holdconn, nil: throw .noSetup
        }
    }
}

extension MediaSection {
    /// Whether it shares the bundle's connection and webrtcbin can handle it: sections that webrtcbin rejects by itself
    /// it answers wrongly (1.22).
    fileprivate func isCarried(in bundle: [String]?) -> Bool {
        guard let mid, bundle?.contains(mid) == true, !isRejected else { return false }
        switch kind {
        case .audio, .video: return !codecs.isEmpty
        case .application: return words[2].hasSuffix("DTLS/SCTP")
        case .other: return false
        }
    }

    fileprivate var forWebRTCBin: [String] {
        let rest = lines.dropFirst().filter {
            !$0.isOfTransport && $0.value(of: "mid") == nil && $0.value(of: "bundle-only") == nil && $0.isForWebRTCBin
        }
        return [title(port: port == 0 ? "9" : String(port))] + rest.map(\.text) + directionForWebRTCBin
    }

    private var directionForWebRTCBin: [String] {
        switch kind {
        case .video: ["a=sendonly"]
        case .audio, .other: ["a=inactive"]
        case .application: []
        }
    }

    /// Keeps the place of a section that a later offer may fill.
    fileprivate var standIn: [String] {
        kind == .video
            ? ["m=video 9 UDP/TLS/RTP/SAVPF 96", "a=rtpmap:96 VP8/90000", "a=rtcp-mux", "a=sendonly"]
            : ["m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=rtcp-mux", "a=inactive"]
    }
}

// MARK: - Its answer

extension Negotiation {
    /// `nil` if webrtcbin's text does not answer the offer. Its credentials give way to `credentials`.
    package func answer(made text: String, as credentials: ICECredentials? = nil) -> Answer? {
        guard let made = try? SessionDescription(parsing: text), made.sections.count == received.sections.count
        else { return nil }
        let answer = credentials.map(made.named) ?? made
        let sections = zip(answer.sections, received.sections).map { $0.addingTransportCC(offeredIn: $1) }
        let remote = sections.enumerated().flatMap { index, section in
            refused.contains(index) ? received.sections[index].refusal : self.remote(section, at: index)
        }
        let session = answer.session.filter { $0.bundle == nil }.map(\.text) + group
        return Answer(
            local: (answer.session + sections.flatMap(\.lines)).map(\.text).asDescription,
            remote: (session + remote).asDescription)
    }

    /// What shares the video's connection, if the phone offered that.
    private var group: [String] {
        let refused = refused.compactMap { received.sections[$0].mid }
        return bundle.map { [SDPLine.group(of: $0.filter { !refused.contains($0) })] } ?? []
    }

    private func remote(_ section: MediaSection, at index: Int) -> [String] {
        let offered = received.sections[index]
        let formats = section.formatsWithProfiles(of: offered)
        let rest = section.lines.dropFirst().filter { line in
            line.direction == nil && line.type != "b" && (offered.mid != nil || line.value(of: "mid") == nil)
                && !formats.contains { line.isFormat(like: $0) }
        }.map(\.text)
        return [section.title(protocol: offered)] + rest.filter { !$0.hasPrefix("a=") }
            + (index == video.section ? offered.limits : []) + rest.filter { $0.hasPrefix("a=") } + formats
            + direction(of: offered, at: index)
    }

    private func direction(of offered: MediaSection, at index: Int) -> [String] {
        if offered.kind == .application { return [] }
        return [index == video.section && received.sends(offered) ? "a=recvonly" : "a=inactive"]
    }
}

extension MediaSection {
    /// 1.22 answers `transport-cc` but drops every `a=extmap`, which leaves the phone's estimate at 300 kbit/s.
    fileprivate func addingTransportCC(offeredIn offered: MediaSection) -> MediaSection {
        let uri = HeaderExtension.transportWideCC
        guard let id = offered.extensions.first(where: { $0.uri == uri })?.id,
            extensions.allSatisfy({ $0.uri != uri && $0.id != id })
        else { return self }
        var copy = self
        copy.lines.append(SDPLine("a=extmap:\(id) \(uri)"))
        return copy
    }

    /// `fmtp` lines from which 1.22 dropped the offered profile: the phone would fall back to another.
    fileprivate func formatsWithProfiles(of offered: MediaSection) -> [String] {
        let name = "profile-level-id"
        return codecs.compactMap { codec in
            guard codec.parameter(name) == nil,
                let profile = offered.codecs.first(where: { $0.payload == codec.payload })?.parameter(name)
            else { return nil }
            let format = codec.format.isEmpty ? "" : codec.format + ";"
            return "a=fmtp:\(codec.payload) \(format)\(name)=\(profile)"
        }
    }

    /// The `b=` lines, one of each kind: a phone reads its own limits back.
    fileprivate var limits: [String] {
        var seen: Set<String> = []
        return bandwidths.filter { $0.value > 0 && seen.insert($0.modifier).inserted }
            .map { "b=\($0.modifier):\($0.value)" }
    }

    fileprivate var refusal: [String] {
        [title(port: "0"), "c=IN IP4 0.0.0.0"] + (mid.map { ["a=mid:\($0)"] } ?? [])
            + (kind == .application ? [] : ["a=inactive"])
    }

    /// The `m=` line with the profile that was offered, as JSEP has it: webrtcbin writes `UDP/TLS/RTP/SAVPF` always.
    fileprivate func title(protocol offered: MediaSection) -> String {
        kind == .application ? lines[0].text : title(replacing: 2, by: offered.words[2])
    }

    fileprivate func title(port: String) -> String { title(replacing: 1, by: port) }

    private func title(replacing index: Int, by word: String) -> String {
        var words = words
        words[index] = word
        return "m=" + words.joined(separator: " ")
    }

    private var words: [String] { lines[0].value.split(separator: " ").map(String.init) }
}

extension SDPLine {
    fileprivate static let transport = ["ice-ufrag", "ice-pwd", "fingerprint", "setup"]

    fileprivate static func group(of mids: [String]) -> String { "a=group:BUNDLE " + mids.joined(separator: " ") }

    /// The mids of a bundle.
    fileprivate var bundle: [String]? {
        guard let words = value(of: "group")?.split(separator: " "), words.first == "BUNDLE" else { return nil }
        return words.dropFirst().map(String.init)
    }

    fileprivate var isOfTransport: Bool { SDPLine.transport.contains { value(of: $0) != nil } }

    /// Without `video-orientation` the phone turns the picture for us.
    fileprivate var isForWebRTCBin: Bool {
        !text.isEmpty && direction == nil && !isUnusableCandidate
            && HeaderExtension(line: self)?.uri != HeaderExtension.videoOrientation
    }

    /// Whether this and `other` are `fmtp` lines of the same payload.
    fileprivate func isFormat(like other: String) -> Bool {
        guard let format = value(of: "fmtp")?.split(separator: " ").first else { return false }
        return other.hasPrefix("a=fmtp:\(format) ")
    }
}

extension [SDPLine] {
    /// By a hash that is no proof.
    fileprivate var announceWeakly: Bool {
        contains { $0.value(of: "fingerprint")?.lowercased().hasPrefix("sha-1 ") == true }
    }
}

extension [String] {
    fileprivate var asDescription: String { joined(separator: "\r\n") + "\r\n" }
}

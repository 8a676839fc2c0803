// SPDX-License-Identifier: Apache-2.0

extension SessionDescription {
    /// The same without candidates that must not reach the media stack: mDNS names first of all.
    package func droppingUnusableCandidates() -> SessionDescription {
        keepingLines { line in
            switch line.candidate {
            case nil, .success: true
            case .failure: false
            }
        }
    }

    /// The same as if `uri` had not been offered. Without `video-orientation` the phone turns the picture for us.
    func leavingOut(extension uri: String) -> SessionDescription {
        keepingLines { HeaderExtension(line: $0)?.uri != uri }
    }

    /// The same with `uri`, under the offer's number, in each section whose counterpart in `offer` has it.
    ///
    /// webrtcbin 1.22 answers `transport-cc` but drops every `a=extmap`: the phone's estimate then stays at 300 kbit/s.
    package func adding(extension uri: String, offeredIn offer: SessionDescription) -> SessionDescription {
        var answer = self
        for (index, offered) in zip(sections.indices, offer.sections) where !sections[index].isRejected {
            guard let id = offered.extensions.first(where: { $0.uri == uri })?.id,
                sections[index].extensions.allSatisfy({ $0.uri != uri && $0.id != id })
            else { continue }
            answer.sections[index].append("a=extmap:\(id) \(uri)")
        }
        return answer
    }

    /// Whether an offer that describes this goes on with the connection of `earlier`, or is about a fresh one.
    func continues(_ earlier: SessionDescription) -> Bool {
        guard let origin, let before = earlier.origin, let video = sections.first,
            let videoBefore = earlier.sections.first
        else { return false }
        return origin.author == before.author && origin.session == before.session && origin.version > before.version
            && fingerprints(of: video) == earlier.fingerprints(of: videoBefore)
    }

    /// The section that a trickled candidate is for; the first where it does not say.
    func sectionIndex(of candidate: TrickledCandidate) -> Int? {
        if let mid = candidate.mid, let index = sections.firstIndex(where: { $0.mid == mid }) { return index }
        let index = candidate.sectionIndex ?? 0
        return sections.indices.contains(index) ? index : nil
    }

    private func keepingLines(where isKept: (Line) -> Bool) -> SessionDescription {
        var copy = self
        copy.session = session.filter(isKept)
        for index in sections.indices { copy.sections[index].lines = sections[index].lines.filter(isKept) }
        return copy
    }
}

extension MediaSection {
    /// Adds a line after its last `extmap`, or else at its end.
    fileprivate mutating func append(_ text: String) {
        let last = lines.lastIndex { $0.value(of: "extmap") != nil } ?? lines.lastIndex { !$0.text.isEmpty }
        guard let last else { return }
        if lines[last].ending.isEmpty { lines[last].ending = lines[0].ending.isEmpty ? "\r\n" : lines[0].ending }
        lines.insert(Line(text, endingLike: lines[last]), at: last + 1)
    }
}

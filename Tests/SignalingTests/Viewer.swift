// SPDX-License-Identifier: Apache-2.0

import Timing

@testable import Signaling

/// A viewer in virtual time.
struct Viewer {
    static let preferences: [VideoCodec] = [.h264, .vp8]

    var session = ViewerSession(name: "s1", preferring: preferences)
    var now = seconds(100)

    mutating func callAsFunction(_ event: ViewerSession.Event) -> [ViewerSession.Action] {
        session.handle(event, at: now)
    }

    mutating func wait(_ time: Double) -> [ViewerSession.Action] {
        now += .exactly(time)
        return session.handle(.tick, at: now)
    }

    /// Joined, with an offer whose session is `number`.
    mutating func offered(_ offer: String = smallOffer()) -> [ViewerSession.Action] {
        _ = self(.joined)
        return self(.received(.offer(sdp: offer)))
    }

    /// Joined, offered and answered.
    mutating func answered(_ offer: String = smallOffer(), number: Int = 1) {
        _ = offered(offer)
        _ = self(.offerSet(session: number))
        _ = self(.answerReady(session: number, sdp: "answer \(number)"))
    }
}

func ice(_ address: String, ufrag: String? = nil, index: Int? = 0, mid: String? = "0") -> SignalingMessage {
    let end = ufrag.map { " generation 0 ufrag \($0)" } ?? ""
    return .ice(
        TrickledCandidate(
            candidate: "candidate:1 1 udp 5 \(address) 5000 typ host\(end)", sectionIndex: index, mid: mid))
}

/// The addresses of the candidates that are handed on, with the session of each.
func added(_ actions: [ViewerSession.Action]) -> [String] {
    actions.compactMap {
        if case .addCandidate(let session, let candidate, _) = $0 { "\(session): \(candidate.address)" } else { nil }
    }
}

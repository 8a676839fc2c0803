// SPDX-License-Identifier: Apache-2.0

import Timing
import Watchdog

@testable import Signaling

/// A viewer in virtual time.
struct Viewer {
    static let preferences: [VideoCodec] = [.h264, .vp8]

    var session = ViewerConversation(name: "s1", preferring: preferences)
    var now = seconds(100)

    enum Deed {
        case hear(ViewerConversation.Event)
        case carryOut(SourceOrder)
        case tick
    }

    mutating func callAsFunction(_ deed: Deed) -> [ViewerConversation.Step] {
        switch deed {
        case .hear(let event): self(event)
        case .carryOut(let order): carryOut(order)
        case .tick: wait(0)
        }
    }

    mutating func callAsFunction(_ event: ViewerConversation.Event) -> [ViewerConversation.Step] {
        session.hear(event, at: now)
    }

    mutating func carryOut(_ order: SourceOrder) -> [ViewerConversation.Step] {
        session.carryOut(order, at: now)
    }

    mutating func wait(_ time: Double) -> [ViewerConversation.Step] {
        now += .exactly(time)
        return session.tick(at: now)
    }

    /// Joined, with an offer whose session is `number`.
    mutating func offered(_ offer: String = smallOffer()) -> [ViewerConversation.Step] {
        _ = self(.joined)
        return self(.received(.offer(sdp: offer)))
    }

    /// Joined, offered and answered.
    mutating func answered(_ offer: String = smallOffer(), number: Int = 1) {
        _ = offered(offer)
        _ = self(.offerSet(session: number))
        _ = self(.answerReady(session: number, sdp: "answer \(number)"))
    }

    /// The first session brings frames.
    mutating func flows(_ offer: String = smallOffer()) {
        answered(offer)
        _ = carryOut(.settle(session: 1))
    }
}

func ice(_ address: String, ufrag: String? = nil, index: Int? = 0, mid: String? = "0") -> SignalingMessage {
    let end = ufrag.map { " generation 0 ufrag \($0)" } ?? ""
    return .ice(
        TrickledCandidate(
            candidate: "candidate:1 1 udp 5 \(address) 5000 typ host\(end)", sectionIndex: index, mid: mid))
}

/// The addresses of the candidates that are handed on, with the session of each.
func added(_ actions: [ViewerConversation.Step]) -> [String] {
    actions.compactMap {
        if case .act(.addCandidate(let session, let candidate, _)) = $0 {
            "\(session): \(candidate.address)"
        } else {
            nil
        }
    }
}

/// Whether a session is answered with a fresh peer.
func hasAnswer(_ session: Int, _ steps: [ViewerConversation.Step]) -> Bool {
    steps.contains { if case .act(.createAnswer(session, _)) = $0 { true } else { false } }
}

// SPDX-License-Identifier: Apache-2.0

import Timing
import Watchdog

/// A viewer's session is how one speaks with a phone.
extension ViewerSession: Conversation {
    package enum Report: Equatable, Sendable {
        case offerReceived
        case answerSent
        /// There is no video in the offer that is sent.
        case videoRests
        case paused(Pause)
        case resumed(Resumption)
        case refusedOffer(SessionDescription.Refusal)
        case droppedCandidate(ICECandidate.Flaw)
    }

    package var hasListener: Bool { canAsk }

    package mutating func hear(_ event: Event, at now: Instant) -> [Step] {
        handle(event, at: now).flatMap(ViewerSession.steps)
    }

    package mutating func carryOut(_ order: SourceOrder, at now: Instant) -> [Step] {
        switch order {
        case .close: hear(.close, at: now)
        case .reopen(let reason): hear(.reconnect(reason: reason), at: now)
        case .noteFailure: hear(.reconnectFailed, at: now)
        }
    }

    package mutating func tick(at now: Instant) -> [Step] { hear(.tick, at: now) }

    private static func received(_ negotiation: Negotiation) -> [Step] {
        [.report(.offerReceived)] + (negotiation.video.isSent ? [] : [.report(.videoRests)])
    }

    private static func steps(of action: Action) -> [Step] {
        switch action {
        case .send(.answer): [.act(action), .report(.answerSent)]
        case .createAnswer(_, let negotiation): received(negotiation) + [.act(action), .tell(.offered)]
        case .renegotiate(_, let negotiation): received(negotiation) + [.act(action)]
        case .send, .addCandidate, .closePeer, .ping: [.act(action)]
        case .reportConnected: [.tell(.connected)]
        case .reportMissedOffer(let wasRefused): [.tell(.missed(wasRefused ? .refusedOffer : .missedOffer))]
        case .reportLost(.failed): [.tell(.failed)]
        case .reportLost(.gone): [.tell(.gone)]
        case .reportPaused(let why): [.report(.paused(why)), .tell(.paused)]
        case .reportResumed(let why): [.report(.resumed(why)), .tell(.resumed)]
        case .reportRefusedOffer(let why): [.report(.refusedOffer(why))]
        case .reportDroppedCandidate(let why): [.report(.droppedCandidate(why))]
        }
    }
}

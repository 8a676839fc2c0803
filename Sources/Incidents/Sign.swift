// SPDX-License-Identifier: Apache-2.0

import Telemetry

/// What an event means to an episode.
enum Sign {
    case silence(Duration)
    /// A fresh connection is wanted; `remedy` is what the camera was asked for, if there is a camera to ask.
    case asked(Code, remedy: Code?)
    case offer
    /// One that was offered has frames.
    case firstFrame
    case recovery(Duration)
    case surrender
    case pause

    /// Whether an episode begins with it.
    var isTrouble: Bool {
        switch self {
        case .silence, .asked: true
        case .offer, .firstFrame, .recovery, .surrender, .pause: false
        }
    }

    var silence: Duration? {
        if case .silence(let silence) = self { silence } else { nil }
    }
}

extension Event {
    var sign: Sign? {
        switch self {
        case .receiver(let event): event.sign
        case .relay, .camera, .service: nil
        }
    }

    /// Samples tell it better, or it is what we said ourselves.
    var isRecorded: Bool {
        switch self {
        case .receiver(.frames), .receiver(.cured): false
        case .receiver, .relay, .camera, .service: true
        }
    }
}

extension ReceiverEvent {
    fileprivate var sign: Sign? {
        switch self {
        case .silent(let silence, _), .dead(let silence): .silence(silence)
        case .reconnectRequested(let cause): .asked(cause, remedy: "reconnect")
        case .nobodyToAsk(let cause): .asked(cause, remedy: nil)
        case .offerReceived: .offer
        case .firstFrame: .firstFrame
        case .recovered(let silence): .recovery(silence)
        case .gaveUp: .surrender
        case .paused, .picturesOnly, .waiting: .pause
        case .frames, .closingPeer, .creatingPeer, .awaitingReconnect, .offerRefused, .answerSent, .videoRests,
            .connectionState, .iceState, .reconnectFailed, .retryScheduled, .resumed, .watchingAgain, .peerOpened,
            .peerFailed, .peerGone, .streamFault, .refusalExplained, .peerClosed, .peerClosingLate, .candidateDropped,
            .messageIgnored, .tooManyCameras, .letGo, .cured:
            nil
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Media
import Signaling
import Telemetry
import Timing
import Watchdog

// What the cores and the media say, in the words of log and metrics.

extension ICEState {
    var name: String { "\(self)" }

    /// Between connected and completed it goes back and forth for as long as it checks its path.
    func isNews(after last: ICEState?) -> Bool {
        self != last && !(self == .connected && last == .completed)
    }
}

extension ViewerConversation.Pause {
    var event: ReceiverEvent {
        switch self {
        case .camera: .paused
        case .picturesOnly: .picturesOnly
        case .anotherViewer: .waiting
        }
    }
}

extension ViewerConversation.Resumption {
    var event: ReceiverEvent {
        switch self {
        case .camera: .resumed
        case .cameraLeft: .watchingAgain(Code(self), detail: "the camera left")
        case .conversationTaken: .watchingAgain(Code(self), detail: "no other viewer holds the conversation")
        case .newSocket: .watchingAgain(Code(self), detail: "what was said before the relay was lost may not hold")
        }
    }
}

extension ConnectionState {
    var name: String { "\(self)" }
}

extension Code {
    init(_ failure: PeerFailure) {
        switch failure {
        case .refused: self = "refused"
        case .iceFailed: self = "ice_failed"
        case .connectionFailed: self = "connection_failed"
        case .fingerprintMismatch: self = "fingerprint_mismatch"
        case .closedByPeer: self = "closed_by_peer"
        case .pipeline: self = "pipeline"
        }
    }

    init(_ refusal: SessionDescription.Refusal) {
        switch refusal {
        case .empty: self = "empty"
        case .tooLong: self = "too_long"
        case .garbage: self = "garbage"
        case .noVideo: self = "no_video"
        case .noCodec: self = "no_codec"
        case .noFingerprint: self = "no_fingerprint"
        case .weakFingerprint: self = "weak_fingerprint"
        case .noCredentials: self = "no_credentials"
        case .noSetup: self = "no_setup"
        }
    }

    init(_ flaw: ICECandidate.Flaw) {
        switch flaw {
        case .malformed: self = "malformed"
        case .localName: self = "mdns"
        case .hostName: self = "host_name"
        }
    }
}

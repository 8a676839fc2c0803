// SPDX-License-Identifier: Apache-2.0

import Media
import Signaling
import Telemetry
import Timing
import Watchdog

// What the cores and the media say, in the words of log and metrics.

extension FrameWatchdog.Trouble {
    /// What the relay's log shows of a request.
    func reason(after silence: Duration) -> String {
        switch self {
        case .silence: "No frames for \(silence.wholeSeconds)s"
        case .negotiation: "No connection"
        case .failure: "Connection failed"
        case .missedOffer: "Joined after the offer"
        }
    }
}

extension ICEState {
    var name: String { "\(self)" }
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

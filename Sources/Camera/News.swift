// SPDX-License-Identifier: Apache-2.0

import Media
import Signaling
import Telemetry

// What the session and the media say, in the words of the log.

extension Code {
    init(_ failure: PeerFailure) {
        switch failure {
        case .refused: self = "refused"
        case .iceFailed: self = "ice_failed"
        case .connectionFailed: self = "connection_failed"
        case .fingerprintMismatch: self = "fingerprint_mismatch"
        case .pipeline: self = "pipeline"
        }
    }

    init(_ refusal: PhoneSession.AnswerRefusal) {
        switch refusal {
        case .unexpected: self = "unexpected"
        case .malformed: self = "malformed"
        case .mismatched: self = "mismatched"
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

extension PhoneSession.AnswerRefusal {
    var detail: String {
        switch self {
        case .unexpected: "no offer waits for one"
        case .malformed(let why): "it makes no sense (\(why))"
        case .mismatched: "it has other sections than the offer"
        }
    }
}

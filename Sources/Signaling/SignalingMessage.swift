// SPDX-License-Identifier: Apache-2.0

/// A text message of the protocol; anything else that a peer sends is refused.
package enum SignalingMessage: Equatable, Sendable {
    case offer(sdp: String)
    case answer(sdp: String)
    case ice(TrickledCandidate)
    /// What a camera says of itself.
    case status(CameraStatus)
    /// The same, as the relay passes it on.
    case cameraStatus(camera: String, CameraStatus)
    case reconnectRequest(reason: String)
    case command(Command)

    // Ours. Relays and viewers of the first generation drop them as unknown; ours sends them only to whoever said hello.

    /// A viewer's first word: the name under which it takes its place again.
    case hello(session: String)
    /// A viewer's standing, told after its hello and whenever it changes.
    case viewerRole(ViewerRole, cameraPresent: Bool)

    /// Why a text is no message.
    package enum Refusal: Error, Equatable, Sendable {
        case notJSON
        case tooDeep
        case notAnObject
        case missing(field: String)
        case wrongType(field: String)
        case tooLong(field: String)
        /// Its first few letters, fit for a log line.
        case unknownType(String)
    }
}

/// What a camera says it is doing: a known word or any other.
package struct CameraStatus: RawRepresentable, Hashable, Sendable {
    package static let waiting = CameraStatus(rawValue: "waiting")
    package static let recording = CameraStatus(rawValue: "recording")
    package static let uploading = CameraStatus(rawValue: "uploading")
    package static let interrupted = CameraStatus(rawValue: "interrupted")
    package static let paused = CameraStatus(rawValue: "paused")

    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }
}

/// What a camera is told to do: a known word or any other.
package struct Command: RawRepresentable, Hashable, Sendable {
    package static let start = Command(rawValue: "start")
    package static let stop = Command(rawValue: "stop")
    package static let reconnect = Command(rawValue: "reconnect")
    /// Ours, for those that say so in their offers: find another path on the connection that there is.
    package static let iceRestart = Command(rawValue: "ice_restart")
    /// Ours: another phone has taken its name. Nobody listens to it until it is told to reconnect.
    package static let displaced = Command(rawValue: "displaced")

    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }
}

/// Of the viewers of one camera, one holds the conversation with it; the others wait.
package enum ViewerRole: String, CaseIterable, Sendable {
    case holder, waiting
}

/// An ICE candidate on its way through the relay.
package struct TrickledCandidate: Equatable, Sendable {
    /// `candidate:...`, or `nil` when there are no more.
    package let candidate: String?
    let sectionIndex: Int?
    package let mid: String?

    package init(candidate: String?, sectionIndex: Int?, mid: String?) {
        self.candidate = candidate
        self.sectionIndex = sectionIndex
        self.mid = mid
    }

    /// One of ours, of a section of the offer.
    init(_ candidate: String, section: Int, of sections: [MediaSection]) {
        let mid = sections.indices.contains(section) ? sections[section].mid : nil
        self.init(candidate: candidate, sectionIndex: section, mid: mid ?? String(section))
    }
}

extension SignalingMessage {
    /// The words by which the protocol, and the log, know messages.
    package enum Kind: String, CaseIterable, Sendable {
        case offer, answer, ice, status, command, hello
        case cameraStatus = "camera_status"
        case reconnectRequest = "reconnect_request"
        case viewerRole = "viewer_role"
    }

    package var kind: Kind {
        switch self {
        case .offer: .offer
        case .answer: .answer
        case .ice: .ice
        case .status: .status
        case .cameraStatus: .cameraStatus
        case .reconnectRequest: .reconnectRequest
        case .command: .command
        case .hello: .hello
        case .viewerRole: .viewerRole
        }
    }

    package var type: String { kind.rawValue }
}

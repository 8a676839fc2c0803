// SPDX-License-Identifier: Apache-2.0

import Timing

/// What happens to a peer, receiving or sending; told on the loop. After `close()` only its end is told.
package enum PeerEvent: Equatable, Sendable {
    /// Its offer or answer is ready for the other end.
    case localDescription(String)
    /// The other end's candidates may be added.
    case remoteDescriptionSet
    /// One of ours; `section` counts the offer's.
    case candidate(String, section: Int)
    case iceState(ICEState)
    /// ICE has chosen where to send, or chosen anew.
    case pathFound
    case connectionState(ConnectionState)
    case firstFrame
    case dataChannelOpened
    case pong
    /// What takes its frames out of packets complains; the connection goes on.
    case streamFault(Fault)
    /// Told once; the peer is of no more use.
    case failed(PeerFailure)
    /// The teardown is over its limit. It may still end; with many of these it is time for a new process.
    case closingLate
    case closed(after: Duration)
}

/// Their numbers are webrtcbin's.
package enum ICEState: Int, Sendable {
    case new, checking, connected, completed, failed, disconnected, closed
}

package enum ConnectionState: Int, Sendable {
    case new, connecting, connected, disconnected, failed, closed
}

package enum PeerFailure: Equatable, Sendable, CustomStringConvertible {
    /// webrtcbin can't take this offer or answer; its words, without quotations, are not for people.
    case refused(String)
    /// There is no path to the peer, or no longer one.
    case iceFailed
    /// DTLS failed.
    case connectionFailed
    /// The other end does not have the certificate that it announced.
    case fingerprintMismatch
    /// The other end closed the connection.
    case closedByPeer
    /// An element gave up.
    case pipeline(Fault)

    package var description: String {
        switch self {
        case .refused: "GStreamer does not take the other end's description"
        case .iceFailed: "there is no path to the other end, or none any more"
        case .connectionFailed: "DTLS failed"
        case .fingerprintMismatch: "the other end does not have the certificate that it announced"
        case .closedByPeer: "the other end closed the connection"
        case .pipeline(let fault): fault.description
        }
    }
}

extension PeerFailure {
    /// What an element's fault means. The association of data channels breaks off, and nothing else happens, when a peer
    /// closes; of a peer that fell silent ICE knows long before.
    init(_ fault: Fault) {
        self = fault.element == "sctpenc" && fault.domain == .resource ? .closedByPeer : .pipeline(fault)
    }
}

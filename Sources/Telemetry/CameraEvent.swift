// SPDX-License-Identifier: Apache-2.0

import Timing

/// What a camera of our own does and meets.
package enum CameraEvent: Equatable, Sendable {
    case commandReceived(String)
    case commandIgnored(String)
    case offerDelayed(Duration)
    case offerSent
    case answerReceived
    case answerRefused(String)
    case candidateDropped(String)
    case messageIgnored(String)
    case statusSent(String)
    case connectionState(String)
    case iceState(String)
    case framesStarted
    case framesSent(total: Int, fps: Double)
    case zombie
    case clipRepeated
    case clipEnded
    case peerFailed(String)
    case peerClosed(after: Duration)
    case peerClosingLate
    case dying
}

extension CameraEvent {
    var entry: Entry {
        switch self {
        case .commandReceived(let command):
            Entry(.info, "command_received", "📥 Received command: \(command)", ["command": .text(command)])
        case .commandIgnored(let command):
            Entry(.info, "command_ignored", "🙉 Ignored command: \(command)", ["command": .text(command)])
        case .offerDelayed(let wait):
            Entry(.info, "offer_delayed", "🐌 Offering in \(wait)", ["wait_seconds": .seconds(wait)])
        case .offerSent: Entry(.info, "offer_sent", "📤 Sent offer")
        case .answerReceived: Entry(.info, "answer_received", "📥 Received answer")
        case .answerRefused(let why):
            Entry(.warning, "answer_refused", "⚠️ Refused answer: \(why)", ["detail": .text(why)])
        case .candidateDropped(let why):
            Entry(.debug, "candidate_dropped", "🧊 Dropped a candidate: \(why)", ["detail": .text(why)])
        case .messageIgnored(let why):
            Entry(.warning, "message_ignored", "⚠️ Ignored a message: \(why)", ["detail": .text(why)])
        case .statusSent(let status):
            Entry(.info, "status_sent", "📤 Sent status: \(status)", ["status": .text(status)])
        case .connectionState(let state):
            Entry(.info, "connection_state", "🔌 Connection state: \(state)", ["state": .text(state)])
        case .iceState(let state): Entry(.info, "ice_state", "🧊 ICE state: \(state)", ["state": .text(state)])
        case .framesStarted: Entry(.info, "frames_started", "🎬 Sending frames")
        case .framesSent(let total, let fps):
            Entry(
                .info, "frames_sent", "📹 Sent frame \(total) | FPS: \(fps)",
                ["total": .integer(total), "fps": .number(fps)])
        case .zombie: Entry(.warning, "zombie", "🧟 Frames stop here, and the connection stays")
        case .clipRepeated: Entry(.debug, "clip_repeated", "🔁 The clip begins anew")
        case .clipEnded: Entry(.info, "clip_ended", "🏁 The clip is over")
        case .peerFailed(let why):
            Entry(.error, "peer_failed", "💥 Connection failed: \(why)", ["detail": .text(why)])
        case .peerClosed(let duration):
            Entry(.debug, "peer_closed", "🧹 Closed a connection", ["after_seconds": .seconds(duration)])
        case .peerClosingLate:
            Entry(.warning, "peer_closing_late", "🧹 A connection takes long to close")
        case .dying: Entry(.warning, "dying", "💥 Dying without a word")
        }
    }
}

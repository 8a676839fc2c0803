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
            Entry(.info, "phone_command_received", "📥 Received command: \(command)", ["command": .text(command)])
        case .commandIgnored(let command):
            Entry(.info, "phone_command_ignored", "🙉 Ignored command: \(command)", ["command": .text(command)])
        case .offerDelayed(let wait):
            Entry(.info, "phone_offer_delayed", "🐌 Offering in \(wait.inSeconds)s", ["wait_seconds": .seconds(wait)])
        case .offerSent: Entry(.info, "phone_offer_sent", "📤 Sent offer")
        case .answerReceived: Entry(.info, "phone_answer_received", "📥 Received answer")
        case .answerRefused(let why):
            Entry(.warning, "phone_answer_refused", "⚠️ Refused answer: \(why)", ["detail": .text(why)])
        case .candidateDropped(let why):
            Entry(.debug, "phone_candidate_dropped", "🧊 Dropped a candidate: \(why)", ["detail": .text(why)])
        case .messageIgnored(let why):
            Entry(.warning, "phone_message_ignored", "⚠️ Ignored a message: \(why)", ["detail": .text(why)])
        case .statusSent(let status):
            Entry(.info, "phone_status_sent", "📤 Sent status: \(status)", ["status": .text(status)])
        case .connectionState(let state):
            Entry(.info, "phone_connection_state", "🔌 Connection state: \(state)", ["state": .text(state)])
        case .iceState(let state): Entry(.info, "phone_ice_state", "🧊 ICE state: \(state)", ["state": .text(state)])
        case .framesStarted: Entry(.info, "phone_frames_started", "🎬 Sending frames")
        case .framesSent(let total, let fps):
            Entry(
                .info, "phone_frames_sent", "📹 Sent frame \(total) | FPS: \(fps)",
                ["total": .integer(total), "fps": .number(fps)])
        case .zombie: Entry(.warning, "phone_zombie", "🧟 Frames stop here, and the connection stays")
        case .clipRepeated: Entry(.debug, "phone_clip_repeated", "🔁 The clip begins anew")
        case .clipEnded: Entry(.info, "phone_clip_ended", "🏁 The clip is over")
        case .peerFailed(let why):
            Entry(.error, "phone_peer_failed", "💥 Connection failed: \(why)", ["detail": .text(why)])
        case .peerClosed(let duration):
            Entry(.debug, "phone_peer_closed", "🔧 Closed peer connection", ["after_seconds": .seconds(duration)])
        case .peerClosingLate:
            Entry(.warning, "phone_peer_closing_late", "🐌 A peer connection is slow to close")
        case .dying: Entry(.warning, "phone_dying", "💀 Dying without a word")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Timing

/// What happens to one camera's stream.
package enum ReceiverEvent: Equatable, Sendable {
    case frames(total: Int, fps: Double)
    case firstFrame(after: Duration)
    case silent(Duration, failure: Int)
    case dead(after: Duration)
    case closingPeer
    case creatingPeer
    case reconnectRequested(Code)
    case awaitingReconnect(Duration)
    case offerReceived
    case offerRefused(Code)
    case answerSent
    case connectionState(String)
    case iceState(String)
    case recovered(silence: Duration)
    case reconnectFailed(attempt: Int)
    case retryScheduled(in: Duration)
    case gaveUp(attempts: Int)
    case paused
    case resumed
}

extension ReceiverEvent {
    var entry: Entry {
        switch self {
        case .frames(let total, let fps):
            Entry(.info, "frames", "📹 Frame \(total) | FPS: \(fps)", ["total": .integer(total), "fps": .number(fps)])
        case .firstFrame(let wait):
            Entry(.info, "first_frame", "🎬 First frame after \(wait.inSeconds)s", ["after_seconds": .seconds(wait)])
        case .silent(let silence, let failure):
            Entry(
                .error, "silent", "❌ No frames for \(silence)! (failure #\(failure))",
                ["silence_seconds": .seconds(silence), "failure": .integer(failure)])
        case .dead(let silence):
            Entry(.error, "dead", "💀 Connection DEAD after \(silence)", ["silence_seconds": .seconds(silence)])
        case .closingPeer: Entry(.info, "closing_peer", "1️⃣ Closing old peer connection...")
        case .creatingPeer: Entry(.info, "creating_peer", "2️⃣ Creating new peer connection...")
        case .reconnectRequested(let reason):
            Entry(
                .info, "reconnect_requested", "🔄 Requesting reconnection from camera...", ["reason": .code(reason)])
        case .awaitingReconnect(let limit):
            Entry(
                .info, "awaiting_reconnect", "⏳ Waiting \(limit) for reconnection...",
                ["limit_seconds": .seconds(limit)])
        case .offerReceived: Entry(.info, "offer_received", "📥 Received offer")
        case .offerRefused(let why):
            Entry(.warning, "offer_refused", "⚠️ Refused offer: \(why)", ["reason": .code(why)])
        case .answerSent: Entry(.info, "answer_sent", "📤 Sent answer")
        case .connectionState(let state):
            Entry(.info, "connection_state", "🔌 Connection state: \(state)", ["state": .text(state)])
        case .iceState(let state): Entry(.info, "ice_state", "🧊 ICE state: \(state)", ["state": .text(state)])
        case .recovered(let silence):
            Entry(
                .info, "recovered", "✅ Reconnection successful! Resuming monitoring...",
                ["silence_seconds": .seconds(silence)])
        case .reconnectFailed(let attempt):
            Entry(.error, "reconnect_failed", "❌ Reconnection failed", ["attempt": .integer(attempt)])
        case .retryScheduled(let wait):
            Entry(.info, "retry_scheduled", "🔁 Next attempt in \(wait)", ["wait_seconds": .seconds(wait)])
        case .gaveUp(let attempts):
            Entry(.error, "gave_up", "🏳️ Gave up after \(attempts) attempts", ["attempts": .integer(attempts)])
        case .paused: Entry(.info, "paused", "⏸️ Camera paused")
        case .resumed: Entry(.info, "resumed", "▶️ Camera resumed")
        }
    }
}

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
    /// A connection is wanted, but no camera is there.
    case nobodyToAsk(Code)
    case awaitingReconnect(Duration)
    case offerReceived
    /// Why, as a word of a closed set and for people.
    case offerRefused(Code, detail: String)
    case answerSent
    /// What was offered has no video that is sent.
    case videoRests
    case connectionState(String)
    case iceState(String)
    case recovered(silence: Duration)
    /// What ended the trouble that had this cause.
    case cured(Code, by: Code)
    case reconnectFailed(attempt: Int)
    case retryScheduled(in: Duration)
    case gaveUp(attempts: Int)
    case paused
    case resumed
    /// It is not asked any more.
    case picturesOnly
    /// For another viewer, which holds the conversation.
    case waiting
    /// A pause is over, though no camera said so; why, as a word of a closed set and for people.
    case watchingAgain(Code, detail: String)
    case peerOpened(session: Int)
    /// The connection is lost for good; why, as a word of a closed set and for people.
    case peerFailed(Code, detail: String)
    /// The camera closed the connection.
    case peerGone
    /// Frames cannot be taken out of its packets, in GStreamer's words; they are counted all the same.
    case streamFault(String)
    /// What GStreamer said of a description that it did not take.
    case refusalExplained(String)
    case peerClosed(session: Int, after: Duration)
    case peerClosingLate(session: Int)
    case candidateDropped(Code)
    /// A relay said what we do not understand.
    case messageIgnored(String)
    /// There are so many cameras that this one is not received.
    case tooManyCameras(limit: Int)
    /// Another camera has its place now.
    case letGo
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
        case .nobodyToAsk(let reason):
            Entry(
                .info, "nobody_to_ask", "📵 No camera can be asked now; it offers when it comes",
                ["reason": .code(reason)])
        case .awaitingReconnect(let limit):
            Entry(
                .info, "awaiting_reconnect", "⏳ Waiting \(limit) for reconnection...",
                ["limit_seconds": .seconds(limit)])
        case .offerReceived: Entry(.info, "offer_received", "📥 Received offer")
        case .offerRefused(let why, let detail):
            Entry(
                .error, "offer_refused", "⚠️ Refused offer: \(detail)", ["reason": .code(why), "detail": .text(detail)])
        case .videoRests: Entry(.info, "video_rests", "🫥 The camera offers no video that it sends now")
        case .answerSent: Entry(.info, "answer_sent", "📤 Sent answer")
        case .connectionState(let state):
            Entry(.info, "connection_state", "🔌 Connection state: \(state)", ["state": .text(state)])
        case .iceState(let state): Entry(.info, "ice_state", "🧊 ICE state: \(state)", ["state": .text(state)])
        case .recovered(let silence):
            Entry(
                .info, "recovered", "✅ Reconnection successful! Resuming monitoring...",
                ["silence_seconds": .seconds(silence)])
        case .cured(let cause, let remedy):
            Entry(
                .info, "cured", "💊 Cured (\(cause)): \(remedy)", ["cause": .code(cause), "remedy": .code(remedy)])
        case .reconnectFailed(let attempt):
            Entry(.error, "reconnect_failed", "❌ Reconnection failed", ["attempt": .integer(attempt)])
        case .retryScheduled(let wait):
            Entry(.info, "retry_scheduled", "🔁 Next attempt in \(wait)", ["wait_seconds": .seconds(wait)])
        case .gaveUp(let attempts):
            Entry(.error, "gave_up", "🏳️ Gave up after \(attempts) attempts", ["attempts": .integer(attempts)])
        case .paused: Entry(.info, "paused", "⏸️ Camera paused")
        case .resumed: Entry(.info, "resumed", "▶️ Camera resumed")
        case .picturesOnly:
            Entry(
                .warning, "pictures_only",
                "🖼️ Camera sends pictures but no video; it is left alone until it offers, comes anew or says more")
        case .waiting: Entry(.info, "waiting", "⏸️ Another viewer holds the conversation")
        case .watchingAgain(let why, let detail):
            Entry(
                .info, "watching_again", "▶️ Watching again: \(detail)",
                ["reason": .code(why), "detail": .text(detail)])
        case .peerOpened(let session):
            Entry(.debug, "connection_opened", "🔧 Opened peer connection \(session)", ["session": .integer(session)])
        case .peerFailed(let why, let detail):
            Entry(
                .error, "connection_failed", "💥 Connection failed: \(detail)",
                ["reason": .code(why), "detail": .text(detail)])
        case .peerGone: Entry(.info, "peer_gone", "👋 Camera closed the connection")
        case .streamFault(let words):
            Entry(.warning, "stream_fault", "🩹 No frames for outputs: \(words)", ["detail": .text(words)])
        case .refusalExplained(let words):
            Entry(.debug, "refusal_explained", "🔧 Refused, as \(words)", ["detail": .text(words)])
        case .peerClosed(let session, let duration):
            Entry(
                .debug, "connection_closed", "🔧 Closed peer connection \(session)",
                ["session": .integer(session), "after_seconds": .seconds(duration)])
        case .peerClosingLate(let session):
            Entry(
                .warning, "connection_closing_late", "🐌 Peer connection \(session) is slow to close",
                ["session": .integer(session)])
        case .candidateDropped(let why):
            Entry(.debug, "candidate_dropped", "🧊 Dropped a candidate: \(why)", ["reason": .code(why)])
        case .messageIgnored(let why):
            Entry(.debug, "message_ignored", "⚠️ Ignored a message: \(why)", ["detail": .text(why)])
        case .tooManyCameras(let limit):
            Entry(
                .warning, "too_many_cameras",
                "🚷 Not received: there are \(limit) cameras already; max-cameras allows more",
                ["limit": .integer(limit)])
        case .letGo: Entry(.warning, "let_go", "🚷 Not received any more: another camera needed the place")
        }
    }
}

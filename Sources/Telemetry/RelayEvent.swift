// SPDX-License-Identifier: Apache-2.0

/// What happens at the relay.
package enum RelayEvent: Equatable, Sendable {
    /// One end of a socket, with the id of its session.
    package enum Peer: Equatable, Sendable {
        case camera(id: String)
        case viewer(id: String)

        var role: Code {
            switch self {
            case .camera: "camera"
            case .viewer: "viewer"
            }
        }

        var id: String {
            switch self {
            case .camera(let id), .viewer(let id): id
            }
        }
    }

    /// Whether the log has said the like before: of this peer, or a moment ago.
    package enum News: Sendable {
        case first, repeated
    }

    case connected(Peer)
    case disconnected(Peer)
    case viewerPromoted(id: String)
    /// It held the conversation, and another was waiting for it.
    case offerUnanswered(viewerID: String)
    case cameraDisplaced(id: String, by: String)
    /// The reason is what the viewer wrote.
    case reconnectRelayed(reason: String)
    case commandSent(String, cameraID: String)
    /// The camera was told a moment ago, and will be again a moment later.
    case reconnectMerged(cameraID: String)
    case signalingRelayed(Code, from: Peer)
    /// What was wrong with it, as a word of a closed set and for people.
    case messageDropped(from: Peer, Code, detail: String, News)
    case picturesDropped(for: Peer, count: Int)
    case peerClosed(Peer, closeCode: Int, Code)
    /// `origin` is the page's, where that is why.
    case admissionRefused(status: Int, Code, origin: String? = nil)
    case uploadDropped(News)
}

extension RelayEvent {
    var entry: Entry {
        switch self {
        case .connected(.camera(let id)):
            Entry(.info, "camera_connected", "📱 Camera connected: \(id)", ["id": .text(id)])
        case .connected(.viewer(let id)):
            Entry(.info, "viewer_connected", "👁️  Viewer connected: \(id)", ["id": .text(id)])
        case .disconnected(.camera(let id)):
            Entry(.info, "camera_disconnected", "📱 Camera disconnected: \(id)", ["id": .text(id)])
        case .disconnected(.viewer(let id)):
            Entry(.info, "viewer_disconnected", "👁️  Viewer disconnected: \(id)", ["id": .text(id)])
        case .viewerPromoted(let id): Entry(.info, "viewer_promoted", "👁️  Viewer promoted: \(id)", ["id": .text(id)])
        case .offerUnanswered(let id):
            Entry(
                .warning, "offer_unanswered", "👁️  Viewer \(id) does not answer: it is the next one's turn",
                ["id": .text(id)])
        case .cameraDisplaced(let id, let other):
            Entry(
                .info, "camera_displaced",
                "📱 Camera displaced: \(id); \(other) has its name now (two phones need one each: /camera/NAME)",
                ["id": .text(id), "by": .text(other)])
        case .reconnectRelayed(let reason):
            Entry(
                .info, "reconnect_relayed", "🔄 Reconnection requested from viewer: \(reason)",
                ["reason": .text(reason)])
        case .commandSent(let command, let id):
            Entry(
                .info, "command_sent", "📤 Sending \(command) command to camera (ID: \(id))",
                ["command": .text(command), "id": .text(id)])
        case .reconnectMerged(let id):
            Entry(
                .debug, "reconnect_merged", "🔄 Merged a request with the next reconnect command to camera (ID: \(id))",
                ["id": .text(id)])
        case .signalingRelayed(let kind, let peer):
            // A connection has one offer and dozens of candidates.
            Entry(
                kind == "ice" ? .debug : .info, "signaling_relayed",
                "📡 WebRTC signaling from \(peer.role): \(kind)",
                ["kind": .code(kind), "role": .code(peer.role), "id": .text(peer.id)])
        case .messageDropped(let peer, let why, let detail, let news):
            Entry(
                news == .first ? .warning : .debug, "message_dropped",
                "⚠️ Dropped a message from \(peer.role) \(peer.id): \(detail)",
                ["reason": .code(why), "detail": .text(detail), "role": .code(peer.role), "id": .text(peer.id)])
        case .picturesDropped(let peer, let count):
            Entry(
                .warning, "pictures_dropped", "🐢 Dropped \(count) pictures for \(peer.role) \(peer.id)",
                ["count": .integer(count), "role": .code(peer.role), "id": .text(peer.id)])
        case .peerClosed(let peer, let closeCode, let why):
            Entry(
                .warning, "peer_closed", "🚪 Closed \(peer.role) \(peer.id) with \(closeCode): \(why)",
                [
                    "close_code": .integer(closeCode), "reason": .code(why), "role": .code(peer.role),
                    "id": .text(peer.id),
                ])
        case .admissionRefused(let status, let why, let origin?):
            Entry(
                .warning, "admission_refused",
                "🚫 Refused a page's connection with \(status): \(why); allowed-origins does not name \(origin)",
                ["status": .integer(status), "reason": .code(why), "origin": .text(origin)])
        case .admissionRefused(let status, let why, nil):
            Entry(
                // Browsers open connections in advance.
                status == 408 ? .debug : .warning, "admission_refused", "🚫 Refused a connection with \(status): \(why)",
                ["status": .integer(status), "reason": .code(why)])
        case .uploadDropped(let news):
            Entry(
                news == .first ? .warning : .debug, "upload_dropped",
                "🚫 Dropped an upload: recordings are not kept here, and to any answer the app would delete its own")
        }
    }
}

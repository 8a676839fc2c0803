// SPDX-License-Identifier: Apache-2.0

import Signaling
import Telemetry

extension RelayEvent {
    /// The core's news as an event for log and metrics.
    init(_ news: RelayCore.Report, roleOf role: (PeerID) -> RelayAddress.Role) {
        func peer(_ id: PeerID) -> Peer { Peer(id, as: role(id)) }
        switch news {
        case .cameraConnected(let id): self = .connected(Peer(id, as: .camera))
        case .cameraDisconnected(let id): self = .disconnected(Peer(id, as: .camera))
        case .viewerConnected(let id): self = .connected(Peer(id, as: .viewer))
        case .viewerDisconnected(let id): self = .disconnected(Peer(id, as: .viewer))
        case .signaling(let id, let kind): self = .signalingRelayed(Code(kind), from: peer(id))
        case .reconnectRequested(_, let reason): self = .reconnectRelayed(reason: reason)
        case .commandSent(let command, let id): self = .commandSent(command.rawValue, cameraID: id.description)
        case .reconnectMerged(let id): self = .reconnectMerged(cameraID: id.description)
        case .conversationHandedOver(let id): self = .viewerPromoted(id: id.description)
        case .offerUnanswered(let id): self = .offerUnanswered(viewerID: id.description)
        case .cameraDisplaced(let id, let other): self = .cameraDisplaced(id: id.description, by: other.description)
        case .dropped(let id, let why, let isFirst):
            let news: RelayEvent.News = isFirst ? .first : .repeated
            self = .messageDropped(from: peer(id), why.code, detail: why.description, news)
        case .closed(let id, let why): self = .peerClosed(peer(id), closeCode: Int(why.code), Code(why))
        }
    }
}

extension RelayEvent.Peer {
    init(_ id: PeerID, as role: RelayAddress.Role) {
        switch role {
        case .camera: self = .camera(id: id.description)
        case .viewer: self = .viewer(id: id.description)
        }
    }
}

extension RelayCore.Drop {
    fileprivate var code: Code {
        switch self {
        case .refused(.notJSON): "not_json"
        case .refused(.tooDeep): "too_deep"
        case .refused(.notAnObject): "not_an_object"
        case .refused(.missing): "missing_field"
        case .refused(.wrongType): "wrong_type"
        case .refused(.tooLong): "too_long"
        case .refused(.unknownType): "unknown_type"
        case .misplaced: "misplaced"
        case .notHolder: "not_holder"
        case .unaskedAnswer: "unasked_answer"
        case .displaced: "displaced"
        case .strayBinary: "stray_binary"
        }
    }
}

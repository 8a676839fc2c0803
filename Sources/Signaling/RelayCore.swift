// SPDX-License-Identifier: Apache-2.0

import Text
import Timing

/// The relay without its sockets: who may speak, and who gets what.
///
/// The rules (a room's own are at `RelayRoom`):
///
/// 1. Cameras and viewers of one name share a room. With one of each, all is as in the first generation.
/// 2. What is no message of the protocol is dropped, and reported once for each peer; nobody is closed for it.
/// 3. A peer that floods is closed (1008), as is one that comes when the relay is full (1013). It is gone from then on,
///    whatever its socket still delivers.
package struct RelayCore: Sendable {
    package enum Event: Equatable, Sendable {
        /// A socket opened, and was let in.
        case joined(PeerID, RelayAddress, as: Standing = .guest)
        /// It said goodbye, its socket broke, or its heartbeat ended.
        case left(PeerID)
        /// `text` is the message as it came.
        case message(PeerID, SignalingMessage, text: String)
        case refused(PeerID, SignalingMessage.Refusal)
        case binary(PeerID, bytes: Int)
        /// Answered already, but it counts against the rate.
        case ping(PeerID)
        /// A command that came by HTTP; without a name it is for every camera.
        case control(Command, CameraName?)
        case tick
    }

    package enum Action: Equatable, Sendable {
        /// Send the text of this very message, byte for byte.
        case forward(text: String, to: PeerID)
        case send(SignalingMessage, to: PeerID)
        /// Send this very picture.
        case forwardPicture(to: [PeerID])
        case close(PeerID, Closing)
        case report(Report, CameraName)
    }

    package enum Closing: String, CaseIterable, Sendable {
        case flooding, full
        /// Its session continues on another socket.
        case superseded

        package var code: UInt16 {
            switch self {
            case .flooding: 1008
            case .full: 1013
            case .superseded: 1000
            }
        }

        package var reason: String {
            switch self {
            case .flooding: "too many messages"
            case .full: "too many connections"
            case .superseded: "your session goes on over another socket"
            }
        }
    }

    /// News for logs, pages and counters.
    package enum Report: Equatable, Sendable {
        case cameraConnected(PeerID)
        case cameraDisconnected(PeerID)
        case viewerConnected(PeerID)
        case viewerDisconnected(PeerID)
        case signaling(from: PeerID, SignalingMessage.Kind)
        case reconnectRequested(by: PeerID, reason: String)
        case commandSent(Command, to: PeerID)
        /// It was told a moment ago, and soon will be again.
        case reconnectMerged(for: PeerID)
        case conversationHandedOver(to: PeerID)
        /// It held the conversation, and another was waiting for it.
        case offerUnanswered(by: PeerID)
        case cameraDisplaced(PeerID, by: PeerID)
        /// Only a peer's first is news for the log.
        case dropped(from: PeerID, Drop, isFirst: Bool)
        case closed(PeerID, Closing)
    }

    /// Why a message is not passed on.
    package enum Drop: Equatable, Sendable {
        case refused(SignalingMessage.Refusal)
        /// A message that this role does not send.
        case misplaced(type: String)
        /// Another viewer holds the conversation.
        case notHolder(type: String)
        /// There is no offer that it could answer.
        case unaskedAnswer
        /// A newer camera has taken its name.
        case displaced(type: String)
        case strayBinary(bytes: Int)
    }

    /// Which viewer holds the conversation when several are there.
    package enum ViewerPolicy: String, CaseIterable, Sendable {
        case oldest, newest
    }

    /// A viewer in the relay's own process is the reason why there is a relay; all others are guests.
    package enum Standing: Sendable {
        case resident, guest
    }

    private struct Peer: Sendable {
        let address: RelayAddress
        /// A peer in our own process has none.
        var rate: RateLimit?
        var hasReportedDrop = false
    }

    private let policy: ViewerPolicy
    private let limits: Limits
    private var peers: [PeerID: Peer] = [:]
    private var rooms: [CameraName: RelayRoom] = [:]

    package init(policy: ViewerPolicy, limits: Limits) {
        self.policy = policy
        self.limits = limits
    }

    /// Whether there is no room for another peer.
    package var isFull: Bool { peers.count >= limits.peers }

    /// How many sockets of this role are open, for `GET /status`.
    package func count(of role: RelayAddress.Role) -> Int { peers.values.count { $0.address.role == role } }

    package var cameras: [CameraName] { names { $0.hasCamera } }

    package func hasCamera(named name: CameraName) -> Bool { rooms[name]?.hasCamera ?? false }

    /// The names that one phone has taken from another that is still here.
    package var contestedNames: [CameraName] { names { $0.hasDisplaced } }

    /// When `tick` is next due, or somewhat earlier if something was settled meanwhile.
    package private(set) var nextDeadline: Instant?

    package mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        switch event {
        case .joined(let id, let address, let standing): return joined(id, address, as: standing, at: now)
        case .left(let id): return remove(id, at: now)
        case .message(let id, let message, let text):
            return spoken(by: id, at: now) { room, role in
                room.received(message, from: id, role, text: text, at: now)
            }
        case .refused(let id, let refusal):
            return spoken(by: id, at: now) { room, _ in [room.drop(id, .refused(refusal))] }
        case .binary(let id, let bytes):
            return spoken(by: id, at: now) { room, role in room.picture(from: id, role, bytes: bytes) }
        case .ping(let id): return spoken(by: id, at: now) { _, _ in [] }
        case .control(let command, let name): return control(command, name, at: now)
        case .tick: return tick(at: now)
        }
    }

    private mutating func joined(
        _ id: PeerID, _ address: RelayAddress, as standing: Standing, at now: Instant
    ) -> [Action] {
        precondition(peers[id] == nil, "two peers with one id")
        guard !isFull || standing == .resident else {
            return [.report(.closed(id, .full), address.camera), .close(id, .full)]
        }
        let rate = RateLimit(perSecond: limits.messagesPerSecond, burst: limits.messageBurst, at: now)
        peers[id] = Peer(address: address, rate: standing == .guest ? rate : nil)
        return inRoom(address.camera) { $0.joined(id, as: address.role, standing, at: now) }
    }

    private mutating func remove(_ id: PeerID, at now: Instant) -> [Action] {
        guard let peer = peers.removeValue(forKey: id) else { return [] }
        return inRoom(peer.address.camera) { $0.left(id, as: peer.address.role, at: now) }
    }

    private mutating func spoken(
        by id: PeerID, at now: Instant, _ body: (inout RelayRoom, RelayAddress.Role) -> [Action]
    ) -> [Action] {
        guard let address = peers[id]?.address else { return [] }
        if peers[id]?.rate?.admit(at: now) == false {
            return [.report(.closed(id, .flooding), address.camera), .close(id, .flooding)]
                + remove(id, at: now)
        }
        return inRoom(address.camera) { body(&$0, address.role) }
    }

    private mutating func control(_ command: Command, _ name: CameraName?, at now: Instant) -> [Action] {
        names { name == nil || $0.name == name }.flatMap { name in inRoom(name) { $0.command(command, at: now) } }
    }

    private mutating func tick(at now: Instant) -> [Action] {
        let actions = names { $0.isDue(at: now) }.flatMap { name in inRoom(name) { $0.tick(at: now) } }
        nextDeadline = rooms.values.compactMap(\.nextDeadline).min()
        return actions
    }

    /// In the same order in every run.
    private func names(where isWanted: (RelayRoom) -> Bool) -> [CameraName] {
        rooms.values.filter(isWanted).map(\.name).sorted { $0.description < $1.description }
    }

    /// Lets something happen in a room, which is made for it or removed after it as needed.
    private mutating func inRoom(_ name: CameraName, _ body: (inout RelayRoom) -> [Action]) -> [Action] {
        var room = rooms[name] ?? RelayRoom(name: name, policy: policy)
        let actions = body(&room).map { markingFirst($0) }
        rooms[name] = room.isEmpty ? nil : room
        if let due = room.nextDeadline { nextDeadline = nextDeadline.map { min($0, due) } ?? due }
        for case .close(let id, _) in actions { peers[id] = nil }
        return actions
    }

    private mutating func markingFirst(_ action: Action) -> Action {
        guard case .report(.dropped(let id, let why, _), let camera) = action else { return action }
        let isFirst = peers[id]?.hasReportedDrop == false
        peers[id]?.hasReportedDrop = true
        return .report(.dropped(from: id, why, isFirst: isFirst), camera)
    }
}

/// The name of a socket for as long as it is open: what the log calls it, and the `cameraId` of its statuses.
package struct PeerID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ name: String) { description = name }
}

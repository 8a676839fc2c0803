// SPDX-License-Identifier: Apache-2.0

import Testing
import Text
import Timing

@testable import Signaling

/// A relay among peers that come, go and say whatever they like, and what must hold all the same.
private struct ChaoticWorld {
    struct Peer {
        let role: RelayAddress.Role
        let room: CameraName
        var session: String?
        /// As the relay told it.
        var told: ViewerRole?
        /// Offers that it got and has not answered.
        var inbox: [Int] = []
    }

    let rooms = [CameraName.default, CameraName("door")].compactMap { $0 }
    var dice: Dice
    var core: RelayCore
    var now = seconds(0)
    /// In the order of their coming.
    var peers: [(id: PeerID, peer: Peer)] = []
    var steps = 0
    var lastPeer = 0
    var lastText = 0
    /// By camera, and by offer.
    var offersForwarded: [PeerID: Int] = [:]
    var answersDelivered: [PeerID: Int] = [:]
    var answeredOffers: Set<Int> = []

    init(seed: UInt64, policy: RelayCore.ViewerPolicy) {
        dice = Dice(seed: seed)
        core = RelayCore(policy: policy, limits: Limits())
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &dice) < percent }

    mutating func step() {
        now += .milliseconds(Int.random(in: 20...400, using: &dice))
        if let deadline = core.nextDeadline, deadline <= now { handle(.tick) }
        switch Int.random(in: 0..<20, using: &dice) {
        case 0 where peers.count < 12: join(.camera)
        case 1, 2: if peers.count < 12 { join(.viewer) }
        case 3 where chance(60): if let peer = peers.randomElement(using: &dice) { leave(peer.id) }
        case 4: handle(.control(.stop, rooms.randomElement(using: &dice)))
        case 5: now += .seconds(Int.random(in: 0...6, using: &dice))
        default: if let peer = peers.randomElement(using: &dice) { speak(peer.id, peer.peer) }
        }
        steps += 1
        if steps.isMultiple(of: 4) { check() }
    }

    mutating func join(_ role: RelayAddress.Role) {
        lastPeer += 1
        let room = rooms[Int.random(in: 0..<rooms.count, using: &dice)]
        let id = PeerID("\(role)-\(lastPeer)")
        peers.append((id, Peer(role: role, room: room)))
        handle(.joined(id, RelayAddress(role, of: room)))
    }

    mutating func leave(_ id: PeerID) {
        peers.removeAll { $0.id == id }
        handle(.left(id))
    }

    mutating func update(_ id: PeerID, _ body: (inout Peer) -> Void) {
        for index in peers.indices where peers[index].id == id { body(&peers[index].peer) }
    }

    func peer(_ id: PeerID) -> Peer? { peers.first { $0.id == id }?.peer }

    // MARK: - What they say

    mutating func speak(_ id: PeerID, _ peer: Peer) {
        if chance(5) { return handle(.refused(id, .notJSON)) }
        if chance(10) { return handle(.binary(id, bytes: Int.random(in: 900...1_100, using: &dice))) }
        let anything: [SignalingMessage] = [
            .offer(sdp: ""), .answer(sdp: ""), .ice(TrickledCandidate(candidate: "", sectionIndex: 0, mid: nil)),
            .status(.recording), .reconnectRequest(reason: "chaos"), .command(.start), .command(.reconnect),
            .viewerRole(.holder, cameraPresent: true),
        ]
        switch peer.role {
        case .camera: say(chance(60) ? .offer(sdp: "") : anything.randomElement(using: &dice) ?? .command(.stop), id)
        case .viewer where chance(20): sayHello(id, peer)
        case .viewer where !peer.inbox.isEmpty && chance(70):
            let offer = peer.inbox[0]
            update(id) { $0.inbox.removeFirst() }
            say(.answer(sdp: String(offer)), id)
        case .viewer: say(anything.randomElement(using: &dice) ?? .command(.stop), id)
        }
    }

    mutating func sayHello(_ id: PeerID, _ peer: Peer) {
        let session = peer.session ?? "session-\(Int.random(in: 0..<4, using: &dice))"
        let former = peers.filter { $0.peer.session == session && $0.peer.room == peer.room && $0.id != id }
        update(id) {
            $0.session = session
            $0.inbox += former.flatMap(\.peer.inbox)
        }
        say(.hello(session: session), id)
    }

    mutating func say(_ message: SignalingMessage, _ id: PeerID) {
        lastText += 1
        handle(.message(id, message, text: String(lastText)))
    }

    // MARK: - What must hold

    mutating func handle(_ event: RelayCore.Event) {
        for action in core.handle(event, at: now) {
            switch action {
            case .forward(let text, let receiver): forwarded(text, to: receiver, in: event)
            case .send(let message, let receiver): sent(message, to: receiver)
            case .forwardPicture(let receivers):
                guard case .binary(let sender, let bytes) = event else {
                    Issue.record("a picture out of nothing")
                    continue
                }
                #expect(bytes > 1_000)
                #expect(Set(receivers).count == receivers.count)
                for receiver in receivers { expectOpposite(sender, receiver) }
            case .close(let id, _):
                #expect(peer(id) != nil, "closed one that is not there")
                peers.removeAll { $0.id == id }
            case .report: break
            }
        }
    }

    mutating func forwarded(_ text: String, to receiver: PeerID, in event: RelayCore.Event) {
        guard case .message(let sender, let message, text) = event else {
            Issue.record("what was forwarded is not what came")
            return
        }
        expectOpposite(sender, receiver)
        switch message {
        case .offer:
            offersForwarded[sender, default: 0] += 1
            let offer = lastText
            update(receiver) { $0.inbox.append(offer) }
        case .answer(let sdp):
            answersDelivered[receiver, default: 0] += 1
            #expect(answersDelivered[receiver, default: 0] <= offersForwarded[receiver, default: 0])
            guard let offer = Int(sdp) else { break }
            let isFirst = answeredOffers.insert(offer).inserted
            #expect(isFirst, "two answers to one offer")
        case .ice: break
        case .status, .cameraStatus, .reconnectRequest, .command, .hello, .viewerRole:
            Issue.record("\(message.type) is not forwarded as it is")
        }
    }

    mutating func sent(_ message: SignalingMessage, to receiver: PeerID) {
        let peer = peer(receiver)
        switch message {
        case .command: #expect(peer?.role == .camera)
        case .cameraStatus: #expect(peer?.role == .viewer)
        case .viewerRole(let role, let cameraPresent):
            #expect(peer?.role == .viewer && peer?.session != nil)
            #expect(cameraPresent == peers.contains { $0.peer.role == .camera && $0.peer.room == peer?.room })
            update(receiver) { $0.told = role }
        case .offer, .answer, .ice, .status, .reconnectRequest, .hello: Issue.record("the relay said \(message.type)")
        }
    }

    func expectOpposite(_ sender: PeerID, _ receiver: PeerID) {
        #expect(peer(sender)?.room == peer(receiver)?.room)
        #expect(peer(sender)?.role != peer(receiver)?.role)
        #expect(peer(receiver) != nil, "sent to one that is gone")
    }

    /// One viewer and no other gets what the newest camera offers; who said hello knows which.
    func check() {
        for role in [RelayAddress.Role.camera, .viewer] {
            #expect(core.count(of: role) == peers.count { $0.peer.role == role })
        }
        #expect(size(of: core) < 200 + 60 * peers.count)
        for room in rooms {
            let here = peers.filter { $0.peer.room == room }
            let told = here.filter { $0.peer.told == .holder }.map(\.id)
            #expect(told.count <= 1)
            guard let camera = here.last(where: { $0.peer.role == .camera })?.id else { continue }
            var copy = core
            let holders = copy.handle(.message(camera, .offer(sdp: ""), text: ""), at: now).compactMap {
                if case .forward(_, let receiver) = $0 { receiver } else { nil }
            }
            let viewers = here.filter { $0.peer.role == .viewer }
            #expect(holders.count <= 1)
            #expect(!holders.isEmpty || viewers.isEmpty || core.nextDeadline != nil)
            #expect(holders.allSatisfy { id in viewers.contains { $0.id == id } })
            if let teller = told.first { #expect(holders == [teller]) }
        }
    }
}

/// How many values something holds, in all its depth.
private func size(of value: Any) -> Int {
    Mirror(reflecting: value).children.reduce(1) { $0 + size(of: $1.value) }
}

struct RelayChaosTests {
    @Test(arguments: 0..<40)
    func `chaos among peers breaks none of the relay's promises`(seed: UInt64) {
        let policy: RelayCore.ViewerPolicy = seed % 3 == 0 ? .newest : .oldest
        var world = ChaoticWorld(seed: seed, policy: policy)
        for _ in 0..<600 { world.step() }
        #expect(world.answeredOffers.count >= 5)
        while let last = world.peers.last { world.leave(last.id) }
        world.now += .seconds(6)
        world.handle(.tick)
        #expect(size(of: world.core) == size(of: RelayCore(policy: policy, limits: Limits())))
    }
}

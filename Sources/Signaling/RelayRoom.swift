// SPDX-License-Identifier: Apache-2.0

import Timing

/// The cameras and viewers of one name, and who of them gets what.
///
/// The rules:
///
/// 1. The newest camera is served: a phone dials again before its old socket is known to be dead. An older one is not
///    closed (two phones on one name would throw each other out for ever); it waits, and is told to offer again when
///    the newer leaves.
/// 2. One viewer holds the conversation: only it gets offers and candidates, and only its answers, candidates and
///    requests for a reconnect reach the camera. It is the first that came, or the last, by policy; a resident counts
///    as the first whenever it came. Every viewer gets statuses and pictures, and can start and stop.
/// 3. An answer passes only for an offer that its holder was sent since it holds the conversation with this camera:
///    two answers to one offer never reach a phone.
/// 4. When the holder leaves, the next takes the conversation over and the camera is told to reconnect. For a holder
///    that had named its session the place is kept for `returnLimit`: a receiver that dials or starts again finds it.
/// 5. A viewer that names a session takes over that session's place, and the socket that was there before is closed.
///    One that stayed away for longer waits like anybody: whoever was promoted meanwhile is not displaced.
/// 6. A camera is told to reconnect at most once in `reconnectPause`: the first time at once, and of all that ask within
///    the pause that follows, once at its end.
/// 7. Nothing is stored but the camera's last status, which a viewer hears when it joins.
/// 8. Words that the first generation does not know go to those only who said hello.
struct RelayRoom: Sendable {
    typealias Action = RelayCore.Action

    static let returnLimit = Duration.seconds(5)
    static let reconnectPause = Duration.seconds(1)
    /// A binary message of no more bytes is no picture.
    static let smallestPicture = 1_000

    private struct Viewer: Sendable {
        let id: PeerID
        /// The name it goes by, since its hello.
        var session: String?
        var told: SignalingMessage?
    }

    private enum Place: Equatable, Sendable {
        case free
        case held(by: PeerID)
        case kept(for: String, until: Instant)
    }

    /// The camera was told to reconnect, and not until `end` will it be told again.
    private struct Pause: Sendable {
        let end: Instant
        /// Somebody has asked for it meanwhile.
        var isAwaited = false
    }

    let name: CameraName
    private let policy: RelayCore.ViewerPolicy
    /// The newest last.
    private var cameras: [PeerID] = []
    /// The newest last.
    private var viewers: [Viewer] = []
    private var place = Place.free
    private var status: CameraStatus?
    private var unansweredOffers = 0
    private var pause: Pause?

    init(name: CameraName, policy: RelayCore.ViewerPolicy) {
        self.name = name
        self.policy = policy
    }

    var isEmpty: Bool { cameras.isEmpty && viewers.isEmpty && nextDeadline == nil }

    var nextDeadline: Instant? {
        keptUntil.orEarlier(reconnectDue)
    }

    private var keptUntil: Instant? {
        if case .kept(_, let until) = place { until } else { nil }
    }

    private var reconnectDue: Instant? {
        pause.flatMap { $0.isAwaited ? $0.end : nil }
    }

    func isDue(at now: Instant) -> Bool { nextDeadline.map { $0 <= now } ?? false }

    private var camera: PeerID? { cameras.last }
    var hasCamera: Bool { camera != nil }

    private var holder: PeerID? {
        if case .held(let id) = place { id } else { nil }
    }

    // MARK: - Coming and going

    mutating func joined(
        _ id: PeerID, as role: RelayAddress.Role, _ standing: RelayCore.Standing, at now: Instant
    ) -> [Action] {
        switch role {
        case .camera:
            cameras.append(id)
            forgetCamera()
            return [report(.cameraConnected(id))] + tellRoles()
        case .viewer: return [report(.viewerConnected(id))] + viewerJoined(id, standing, at: now) + tellRoles()
        }
    }

    private mutating func viewerJoined(
        _ id: PeerID, _ standing: RelayCore.Standing, at now: Instant
    ) -> [Action] {
        viewers.insert(Viewer(id: id), at: standing == .resident ? 0 : viewers.count)
        var actions: [Action] = []
        if let camera, let status { actions = [.send(.cameraStatus(camera: camera.description, status), to: id)] }
        switch (place, policy) {
        case (.free, _): place = .held(by: id)
        case (.held, .newest): actions += handOver(to: id, at: now)
        case (.held, .oldest), (.kept, _): if standing == .resident { actions += handOver(to: id, at: now) }
        }
        return actions
    }

    mutating func left(_ id: PeerID, as role: RelayAddress.Role, at now: Instant) -> [Action] {
        switch role {
        case .camera: return [report(.cameraDisconnected(id))] + cameraLeft(id, at: now) + tellRoles()
        case .viewer: return [report(.viewerDisconnected(id))] + viewerLeft(id, at: now) + tellRoles()
        }
    }

    private mutating func cameraLeft(_ id: PeerID, at now: Instant) -> [Action] {
        let wasServed = camera == id
        cameras.removeAll { $0 == id }
        guard wasServed else { return [] }
        forgetCamera()
        return command(.reconnect, at: now)
    }

    private mutating func viewerLeft(_ id: PeerID, at now: Instant) -> [Action] {
        let session = viewers.first { $0.id == id }?.session
        viewers.removeAll { $0.id == id }
        guard holder == id else { return [] }
        if let session {
            place = .kept(for: session, until: now + RelayRoom.returnLimit)
            return []
        }
        return handOverToNext(at: now)
    }

    mutating func tick(at now: Instant) -> [Action] {
        var actions: [Action] = []
        if let keptUntil, keptUntil <= now { actions = handOverToNext(at: now) + tellRoles() }
        if let reconnectDue, reconnectDue <= now { actions += command(.reconnect, at: now) }
        return actions
    }

    /// What is known of one camera does not hold for the next.
    private mutating func forgetCamera() {
        status = nil
        unansweredOffers = 0
        pause = nil
    }

    // MARK: - Who holds the conversation

    private mutating func handOverToNext(at now: Instant) -> [Action] {
        switch policy {
        case .oldest: handOver(to: viewers.first?.id, at: now)
        case .newest: handOver(to: viewers.last?.id, at: now)
        }
    }

    private mutating func handOver(to next: PeerID?, at now: Instant) -> [Action] {
        unansweredOffers = 0
        guard let next else {
            place = .free
            return []
        }
        place = .held(by: next)
        return [report(.conversationHandedOver(to: next))] + command(.reconnect, at: now)
    }

    private mutating func hello(from id: PeerID, session: String) -> [Action] {
        let former = viewers.filter { $0.session == session && $0.id != id }.map(\.id)
        let owns = former.contains { $0 == holder } || isKept(for: session)
        viewers.removeAll { former.contains($0.id) }
        update(id) {
            $0.session = session
            $0.told = nil
        }
        if owns { place = .held(by: id) }
        let farewells = former.flatMap { former -> [Action] in
            [report(.closed(former, .superseded)), .close(former, .superseded), report(.viewerDisconnected(former))]
        }
        return farewells + tellRoles()
    }

    private func isKept(for session: String) -> Bool {
        if case .kept(session, _) = place { true } else { false }
    }

    private mutating func tellRoles() -> [Action] {
        var actions: [Action] = []
        for viewer in viewers where viewer.session != nil {
            let role: ViewerRole = viewer.id == holder ? .holder : .waiting
            let message = SignalingMessage.viewerRole(role, cameraPresent: camera != nil)
            guard message != viewer.told else { continue }
            update(viewer.id) { $0.told = message }
            actions.append(.send(message, to: viewer.id))
        }
        return actions
    }

    private mutating func update(_ id: PeerID, _ body: (inout Viewer) -> Void) {
        for index in viewers.indices where viewers[index].id == id { body(&viewers[index]) }
    }

    // MARK: - What they say

    mutating func received(
        _ message: SignalingMessage, from id: PeerID, _ role: RelayAddress.Role, text: String, at now: Instant
    ) -> [Action] {
        switch role {
        case .camera: fromCamera(message, id, text: text)
        case .viewer: fromViewer(message, id, text: text, at: now)
        }
    }

    private mutating func fromCamera(_ message: SignalingMessage, _ id: PeerID, text: String) -> [Action] {
        guard id == camera else { return [drop(id, .displaced(type: message.type))] }
        switch message {
        case .offer, .ice:
            let news = report(.signaling(from: id, message.kind))
            guard let holder else { return [news] }
            if case .offer = message { unansweredOffers += 1 }
            return [news, .forward(text: text, to: holder)]
        case .status(let status):
            self.status = status
            return viewers.map { .send(.cameraStatus(camera: id.description, status), to: $0.id) }
        case .answer, .cameraStatus, .reconnectRequest, .command, .hello, .viewerRole:
            return [drop(id, .misplaced(type: message.type))]
        }
    }

    private mutating func fromViewer(
        _ message: SignalingMessage, _ id: PeerID, text: String, at now: Instant
    ) -> [Action] {
        switch message {
        case .hello(let session): return hello(from: id, session: session)
        case .answer, .ice, .reconnectRequest, .command(.reconnect):
            guard id == holder else { return [drop(id, .notHolder(type: message.type))] }
            return fromHolder(message, id, text: text, at: now)
        case .command(let command): return self.command(command, at: now)
        case .offer, .status, .cameraStatus, .viewerRole: return [drop(id, .misplaced(type: message.type))]
        }
    }

    private mutating func fromHolder(
        _ message: SignalingMessage, _ id: PeerID, text: String, at now: Instant
    ) -> [Action] {
        switch message {
        case .reconnectRequest(let reason):
            return [report(.reconnectRequested(by: id, reason: reason))] + command(.reconnect, at: now)
        case .command(let command): return self.command(command, at: now)
        case .answer:
            guard unansweredOffers > 0 else { return [drop(id, .unaskedAnswer)] }
            unansweredOffers -= 1
        case .ice, .offer, .status, .cameraStatus, .hello, .viewerRole: break
        }
        let news = report(.signaling(from: id, message.kind))
        return [news] + (camera.map { [.forward(text: text, to: $0)] } ?? [])
    }

    func picture(from id: PeerID, _ role: RelayAddress.Role, bytes: Int) -> [Action] {
        guard role == .camera, bytes > RelayRoom.smallestPicture else { return [drop(id, .strayBinary(bytes: bytes))] }
        guard id == camera else { return [drop(id, .displaced(type: "picture"))] }
        return viewers.isEmpty ? [] : [.forwardPicture(to: viewers.map(\.id))]
    }

    /// Tells the camera, if there is one.
    mutating func command(_ command: Command, at now: Instant) -> [Action] {
        guard let camera else { return [] }
        if command == .reconnect {
            if let pause, now < pause.end {
                self.pause?.isAwaited = true
                return [report(.reconnectMerged(for: camera))]
            }
            pause = Pause(end: now + RelayRoom.reconnectPause)
        }
        return [.send(.command(command), to: camera), report(.commandSent(command, to: camera))]
    }

    func drop(_ id: PeerID, _ why: RelayCore.Drop) -> Action {
        report(.dropped(from: id, why, isFirst: false))
    }

    private func report(_ report: RelayCore.Report) -> Action {
        .report(report, name)
    }
}

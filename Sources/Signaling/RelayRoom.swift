// SPDX-License-Identifier: Apache-2.0

import Text
import Timing

/// The cameras and viewers of one name, and who of them gets what.
///
/// 1. Of several phones the newest has the place (`CameraPlace`), and only it is heard. Another is told that it is
///    displaced, and not closed (two phones on one name would throw each other out for ever); it waits, and is told to
///    offer again when the newer leaves.
/// 2. A socket that only sends pictures displaces nobody, and every viewer gets its pictures as well.
/// 3. Commands go to the phone or, where there is none, to every camera: one may be about to offer, or know only
///    pictures.
/// 4. One viewer holds the conversation (`ViewerQueue`): only it gets offers and candidates, and only its answers,
///    candidates and requests for a reconnect reach the phone. Every viewer gets statuses and pictures, and can start
///    and stop.
/// 5. One answer passes for each offer, and only to the phone that made it.
/// 6. A phone is told to reconnect when the conversation goes to another viewer.
/// 7. It is told so at most once in `reconnectPause`: at once the first time, and once at the end of the pause if
///    anybody asked during it.
/// 8. Nothing is stored but the phone's last status, which a viewer hears when it joins.
/// 9. Words that the first generation does not know go only to viewers that said hello. A displaced phone is told so by
///    a command: an old one logs commands it does not know and carries on.
struct RelayRoom: Sendable {
    typealias Action = RelayCore.Action

    static let reconnectPause = Duration.seconds(1)
    /// Binary messages up to this length are no pictures.
    static let smallestPicture = 1_000

    /// The phone was told to reconnect, and will not be told again before `end`.
    private struct Pause: Sendable {
        let end: Instant
        /// Somebody has asked for it meanwhile.
        var isAwaited = false
    }

    let name: CameraName
    private var cameras = CameraPlace()
    private var viewers: ViewerQueue
    private var status: CameraStatus?
    private var pause: Pause?

    init(name: CameraName, policy: RelayCore.ViewerPolicy) {
        self.name = name
        viewers = ViewerQueue(policy: policy)
    }

    var isEmpty: Bool { cameras.isEmpty && viewers.ids.isEmpty && nextDeadline == nil }

    var nextDeadline: Instant? { viewers.nextDeadline.orEarlier(reconnectDue) }

    private var reconnectDue: Instant? { pause.flatMap { $0.isAwaited ? $0.end : nil } }

    func isDue(at now: Instant) -> Bool { nextDeadline.map { $0 <= now } ?? false }

    var hasCamera: Bool { !cameras.isEmpty }
    var hasDisplaced: Bool { cameras.hasDisplaced }

    // MARK: - Coming and going

    mutating func joined(
        _ id: PeerID, as role: RelayAddress.Role, _ standing: RelayCore.Standing, at now: Instant
    ) -> [Action] {
        switch role {
        case .camera:
            cameras.join(id)
            return [report(.cameraConnected(id))] + tellRoles()
        case .viewer: return [report(.viewerConnected(id))] + viewerJoined(id, standing, at: now) + tellRoles()
        }
    }

    private mutating func viewerJoined(
        _ id: PeerID, _ standing: RelayCore.Standing, at now: Instant
    ) -> [Action] {
        var actions: [Action] = []
        if let phone = cameras.phone, let status {
            actions = [.send(.cameraStatus(camera: phone.description, status), to: id)]
        }
        return actions + follow(viewers.join(id, as: standing), at: now)
    }

    mutating func left(_ id: PeerID, as role: RelayAddress.Role, at now: Instant) -> [Action] {
        switch role {
        case .camera: return [report(.cameraDisconnected(id))] + cameraLeft(id, at: now) + tellRoles()
        case .viewer:
            return [report(.viewerDisconnected(id))] + follow(viewers.leave(id, at: now), at: now) + tellRoles()
        }
    }

    private mutating func cameraLeft(_ id: PeerID, at now: Instant) -> [Action] {
        let hadPlace = cameras.phone == id
        cameras.leave(id)
        guard hadPlace || cameras.isEmpty else { return [] }
        forgetPhone()
        return command(.reconnect, at: now)
    }

    mutating func tick(at now: Instant) -> [Action] {
        var actions = follow(viewers.tick(at: now), at: now) + tellRoles()
        if let reconnectDue, reconnectDue <= now { actions += command(.reconnect, at: now) }
        return actions
    }

    /// What is known of one phone does not hold for the next.
    private mutating func forgetPhone() {
        status = nil
        pause = nil
        viewers.forgetOffers()
    }

    private mutating func follow(_ handover: ViewerQueue.Handover?, at now: Instant) -> [Action] {
        guard let handover else { return [] }
        let why = handover.mute.map { [report(.offerUnanswered(by: $0))] } ?? []
        return why + [report(.conversationHandedOver(to: handover.next))] + command(.reconnect, at: now)
    }

    private mutating func hello(from id: PeerID, session: String, at now: Instant) -> [Action] {
        let farewells = viewers.hello(from: id, session: session, at: now).flatMap { former -> [Action] in
            [report(.closed(former, .superseded)), .close(former, .superseded), report(.viewerDisconnected(former))]
        }
        return farewells + tellRoles()
    }

    private mutating func tellRoles() -> [Action] {
        viewers.takeNews(cameraPresent: hasCamera).map { .send($0.message, to: $0.viewer) }
    }

    // MARK: - What they say

    mutating func received(
        _ message: SignalingMessage, from id: PeerID, _ role: RelayAddress.Role, text: String, at now: Instant
    ) -> [Action] {
        switch role {
        case .camera: fromCamera(message, id, text: text, at: now)
        case .viewer: fromViewer(message, id, text: text, at: now)
        }
    }

    private mutating func fromCamera(
        _ message: SignalingMessage, _ id: PeerID, text: String, at now: Instant
    ) -> [Action] {
        switch message {
        case .offer, .ice, .status:
            let displacement = heardPhone(id)
            guard id == cameras.phone else { return displacement + [drop(id, .displaced(type: message.type))] }
            return displacement + fromPhone(message, id, text: text, at: now)
        case .answer, .cameraStatus, .reconnectRequest, .command, .hello, .viewerRole:
            return [drop(id, .misplaced(type: message.type))]
        }
    }

    private mutating func heardPhone(_ id: PeerID) -> [Action] {
        guard let news = cameras.heardPhone(id) else { return [] }
        if news.phone == id { forgetPhone() }
        return [
            report(.cameraDisplaced(news.displaced, by: news.phone)), .send(.command(.displaced), to: news.displaced),
        ]
    }

    private mutating func fromPhone(
        _ message: SignalingMessage, _ id: PeerID, text: String, at now: Instant
    ) -> [Action] {
        if case .status(let status) = message {
            self.status = status
            return viewers.ids.map { .send(.cameraStatus(camera: id.description, status), to: $0) }
        }
        let holder = if case .offer = message { viewers.offered(at: now) } else { viewers.holder }
        let news = report(.signaling(from: id, message.kind))
        return [news] + (holder.map { [.forward(text: text, to: $0)] } ?? [])
    }

    private mutating func fromViewer(
        _ message: SignalingMessage, _ id: PeerID, text: String, at now: Instant
    ) -> [Action] {
        switch message {
        case .hello(let session): return hello(from: id, session: session, at: now)
        case .answer, .ice, .reconnectRequest, .command(.reconnect):
            guard id == viewers.holder else { return [drop(id, .notHolder(type: message.type))] }
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
        case .answer: if !viewers.answered() { return [drop(id, .unaskedAnswer)] }
        case .ice, .offer, .status, .cameraStatus, .hello, .viewerRole: break
        }
        let news = report(.signaling(from: id, message.kind))
        return [news] + (cameras.phone.map { [.forward(text: text, to: $0)] } ?? [])
    }

    func picture(from id: PeerID, _ role: RelayAddress.Role, bytes: Int) -> [Action] {
        guard role == .camera, bytes > RelayRoom.smallestPicture else { return [drop(id, .strayBinary(bytes: bytes))] }
        guard !cameras.isDisplaced(id) else { return [drop(id, .displaced(type: "picture"))] }
        return viewers.ids.isEmpty ? [] : [.forwardPicture(to: viewers.ids)]
    }

    /// Tells everybody that it is for.
    mutating func command(_ command: Command, at now: Instant) -> [Action] {
        let commanded = cameras.commanded
        if command == .reconnect, !commanded.isEmpty {
            if let pause, now < pause.end {
                self.pause?.isAwaited = true
                return commanded.map { report(.reconnectMerged(for: $0)) }
            }
            pause = Pause(end: now + RelayRoom.reconnectPause)
        }
        return commanded.flatMap { [.send(.command(command), to: $0), report(.commandSent(command, to: $0))] }
    }

    func drop(_ id: PeerID, _ why: RelayCore.Drop) -> Action { report(.dropped(from: id, why, isFirst: false)) }

    private func report(_ report: RelayCore.Report) -> Action { .report(report, name) }
}

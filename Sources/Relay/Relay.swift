// SPDX-License-Identifier: Apache-2.0

import MainLoop
import RelayClient
import Signaling
import Sockets
import Telemetry
import Text
import Timing

/// The sockets around `RelayCore`: tells it what comes, and does what it says.
@MainLoop
package final class Relay {
    package typealias Report = @MainLoop (RelayEvent, _ camera: CameraName?) -> Void

    private struct Peer {
        let way: Way
        let address: RelayAddress
        /// `nil` without a socket, which alone could be dead.
        var heartbeat: Heartbeat?
        var beat: Deadline?
        /// Pictures dropped since its last heartbeat, as it was too slow.
        var picturesMissed = 0
    }

    /// How a peer is reached.
    private enum Way {
        case socket(WebSocket)
        case local(LocalViewer)
    }

    private struct Occurrence {
        let event: RelayCore.Event
        /// The picture itself, if it is one.
        var picture: [UInt8] = []

        var message: SignalingMessage? {
            if case .message(_, let message, _) = event { message } else { nil }
        }
    }

    private let limits: Limits
    private let mostText: Int
    private let report: Report
    private var called: @MainLoop (CameraName) -> Void = { _ in }
    private var core: RelayCore
    private var peers: [PeerID: Peer] = [:]
    private var deadline: Deadline?
    /// What happened while the last event was still being handled.
    private var waiting: [Occurrence] = []
    private var isAtWork = false

    package init(
        policy: RelayCore.ViewerPolicy, limits: Limits, mostText: Int, report: @escaping Report
    ) {
        self.mostText = mostText
        self.limits = limits
        self.report = report
        core = RelayCore(policy: policy, limits: limits)
        deadline = Deadline { [weak self] in self?.handle(Occurrence(event: .tick)) }
    }

    /// Calls `called` with each camera that comes or offers: somebody may want to receive it.
    package func whenCameraCalls(_ called: @escaping @MainLoop (CameraName) -> Void) { self.called = called }

    /// The names of the cameras that are here.
    package var cameras: [CameraName] { core.cameras }

    package func hasCamera(named name: CameraName) -> Bool { core.hasCamera(named: name) }

    func count(of role: RelayAddress.Role) -> Int { core.count(of: role) }

    var contestedNames: [CameraName] { core.contestedNames }

    var isFull: Bool { core.isFull }

    /// Closes all sockets.
    package func close() {
        for peer in peers.values { close(peer, code: 1001, reason: "the relay stops") }
        deadline = nil
    }

    // MARK: - Who comes

    func welcome(_ socket: WebSocket, _ address: RelayAddress) {
        let id = newID()
        if address.role == .camera { socket.endure(.patiently) }
        let heartbeat = Heartbeat(.peer, openedAt: MainLoop.now, lot: .random(in: 0..<1))
        let beat = Deadline { [weak self] in self?.beat(id) }
        beat.arm(at: heartbeat.nextDeadline)
        join(id, Peer(way: .socket(socket), address: address, heartbeat: heartbeat, beat: beat), as: .guest)
        socket.start { [weak self] in self?.heard($0, from: id) }
    }

    /// The line of a viewer in this process, which is always let in.
    package func line(
        toViewerOf camera: CameraName, _ handler: @escaping @MainLoop (LineEvent) -> Void
    ) -> any RelayLine {
        LocalViewer(of: camera, at: self, handler)
    }

    func admit(_ viewer: LocalViewer, toViewersOf camera: CameraName) -> PeerID {
        let id = newID()
        join(id, Peer(way: .local(viewer), address: RelayAddress(.viewer, of: camera)), as: .resident)
        return id
    }

    private func join(_ id: PeerID, _ peer: Peer, as standing: RelayCore.Standing) {
        peers[id] = peer
        handle(Occurrence(event: .joined(id, peer.address, as: standing)))
    }

    /// Short enough for a log, and not to be guessed from others.
    private func newID() -> PeerID {
        while true {
            let id = PeerID(String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16))
            if peers[id] == nil { return id }
        }
    }

    // MARK: - What they say

    private func heard(_ event: WebSocket.Event, from id: PeerID) {
        // What we failed to send is no sign of life.
        if case .picturesDropped = event {} else { peers[id]?.heartbeat?.heard(at: MainLoop.now) }
        switch event {
        case .text(Heartbeat.textOfPing):
            if case .socket(let socket) = peers[id]?.way { socket.send(Heartbeat.textOfPong) }
            handle(Occurrence(event: .ping(id)))
        case .text(let text): heard(text, from: id)
        case .binary(let bytes): heard(bytes, from: id)
        // Pongs that nobody asked for cost as much as pings.
        case .ping, .pong: handle(Occurrence(event: .ping(id)))
        case .picturesDropped(let count): peers[id]?.picturesMissed += count
        case .closed(let code, _, let closer):
            reportPicturesMissed(by: id)
            if closer == .rules { reportClosed(id, code, SocketRule(code)) }
            left(id)
        }
    }

    private func heard(_ text: String, from id: PeerID) {
        do throws(SignalingMessage.Refusal) {
            heard(try SignalingMessage(parsing: text, maxDepth: limits.jsonDepth), text: text, from: id)
        } catch {
            handle(Occurrence(event: .refused(id, error)))
        }
    }

    /// A picture, or else a message: some phones send theirs in binary frames.
    private func heard(_ bytes: [UInt8], from id: PeerID) {
        guard bytes.first == UInt8(ascii: "{"), bytes.count <= mostText,
            let text = String(validating: bytes, as: UTF8.self),
            let message = try? SignalingMessage(parsing: text, maxDepth: limits.jsonDepth)
        else {
            handle(Occurrence(event: .binary(id, bytes: bytes.count), picture: bytes))
            return
        }
        heard(message, text: text, from: id)
    }

    /// `text` is the message as it came.
    func heard(_ message: SignalingMessage, text: String, from id: PeerID) {
        handle(Occurrence(event: .message(id, message, text: text)))
    }

    func left(_ id: PeerID) {
        peers[id] = nil
        handle(Occurrence(event: .left(id)))
    }

    /// Passes on a command that came by HTTP, and returns to how many cameras.
    func command(_ command: Command, _ camera: CameraName?) -> Int {
        handle(Occurrence(event: .control(command, camera))).count {
            switch $0 {
            case .send, .report(.reconnectMerged, _): true
            case .forward, .forwardPicture, .close, .report: false
            }
        }
    }

    /// Finishes one event before the next: what is done may cause others, such as a receiver that joins because a camera
    /// did.
    @discardableResult
    private func handle(_ occurrence: Occurrence) -> [RelayCore.Action] {
        guard !isAtWork else {
            waiting.append(occurrence)
            return []
        }
        isAtWork = true
        defer { isAtWork = false }
        let actions = perform(occurrence)
        while !waiting.isEmpty { _ = perform(waiting.removeFirst()) }
        deadline?.arm(at: core.nextDeadline)
        return actions
    }

    // MARK: - What follows

    private func perform(_ occurrence: Occurrence) -> [RelayCore.Action] {
        let actions = core.handle(occurrence.event, at: MainLoop.now)
        for action in actions {
            switch action {
            case .forward(let text, let id): send(occurrence.message, text, to: id)
            case .send(let message, let id): send(message, message.json.text, to: id)
            case .forwardPicture(let ids): for id in ids { send(occurrence.picture, to: id) }
            case .close(let id, let why): if let peer = peers[id] { close(peer, code: why.code, reason: why.reason) }
            case .report(let news, let camera):
                // It may be what a phone left behind.
                if case .cameraDisplaced(let id, _) = news { endureBriefly(id) }
                report(RelayEvent(news) { peers[$0]?.address.role ?? .viewer }, camera)
            }
        }
        if let camera = caller(in: occurrence.event) { called(camera) }
        return actions
    }

    private func caller(in event: RelayCore.Event) -> CameraName? {
        switch event {
        case .joined(let id, _, _), .message(let id, .offer, _):
            guard let address = peers[id]?.address, address.role == .camera, core.hasCamera(named: address.camera)
            else {
                return nil
            }
            return address.camera
        case .left, .message, .refused, .binary, .ping, .control, .tick: return nil
        }
    }

    private func send(_ message: SignalingMessage?, _ text: @autoclosure () -> String, to id: PeerID) {
        switch peers[id]?.way {
        case .socket(let socket): socket.send(text())
        case .local(let viewer): if let message { viewer.deliver(.received(message)) }
        case nil: break
        }
    }

    private func send(_ picture: [UInt8], to id: PeerID) {
        switch peers[id]?.way {
        case .socket(let socket): socket.send(picture: picture)
        // It has the stream itself.
        case .local(let viewer): viewer.deliver(.picture)
        case nil: break
        }
    }

    private func close(_ peer: Peer, code: UInt16, reason: String) {
        switch peer.way {
        case .socket(let socket): socket.close(code: code, reason: reason)
        case .local(let viewer): viewer.deliver(.down)
        }
    }

    private func beat(_ id: PeerID) {
        reportPicturesMissed(by: id)
        guard let peer = peers[id], case .socket(let socket) = peer.way else { return }
        // Over a black path nobody can answer, and a camera is waited for.
        if peer.address.role == .camera, socket.isSilent { peers[id]?.heartbeat?.heard(at: MainLoop.now) }
        switch peers[id]?.heartbeat?.tick(at: MainLoop.now) {
        case .ping: socket.ping()
        case .dead:
            reportClosed(id, 1006, .heartbeat)
            socket.abort()
        case nil: break
        }
        peers[id]?.beat?.arm(at: peers[id]?.heartbeat?.nextDeadline)
    }

    private func endureBriefly(_ id: PeerID) {
        if case .socket(let socket) = peers[id]?.way { socket.endure(.briefly) }
    }

    private func reportClosed(_ id: PeerID, _ code: UInt16, _ rule: SocketRule) {
        guard let address = peers[id]?.address else { return }
        let peer = RelayEvent.Peer(id, as: address.role)
        report(.peerClosed(peer, closeCode: Int(code), Code(rule)), address.camera)
    }

    private func reportPicturesMissed(by id: PeerID) {
        guard let peer = peers[id], peer.picturesMissed > 0 else { return }
        peers[id]?.picturesMissed = 0
        report(
            .picturesDropped(for: RelayEvent.Peer(id, as: peer.address.role), count: peer.picturesMissed),
            peer.address.camera)
    }
}

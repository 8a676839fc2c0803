// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Sockets
import Telemetry
import Timing

/// The sockets around `RelayCore`: brings it what comes, and does what it says.
@MainLoop
package final class Relay {
    package typealias Report = @MainLoop (RelayEvent, _ camera: String?) -> Void
    /// What is shown to a browser that asks a peer's address for a page.
    package typealias Page = @MainLoop (RelayAddress) -> HTTPResponse?

    fileprivate struct Peer {
        let way: Way
        let address: RelayAddress
        /// `nil` where there is no socket that could be dead.
        var heartbeat: Heartbeat?
        var beat: Deadline?
        /// Pictures that it was too slow for, since its last heartbeat.
        var picturesMissed = 0
    }

    /// How a peer is reached.
    fileprivate enum Way {
        case socket(WebSocket)
        case local(LocalViewer)
    }

    private let settings: Settings
    private let report: Report
    private let metrics: () -> String
    private let page: Page
    private var gate: Gate
    private var core: RelayCore
    private var knocks: ConnectionLimit
    private var peers: [PeerID: Peer] = [:]
    private var server: WebServer?
    private var deadline: Deadline?
    /// What happened while the last event was still at work.
    private var waiting: [(event: RelayCore.Event, picture: [UInt8])] = []
    private var isAtWork = false

    /// `metrics` is the text of a scrape.
    package init(
        _ settings: Settings, report: @escaping Report, metrics: @escaping @MainLoop () -> String,
        page: @escaping Page
    ) {
        self.settings = settings
        self.report = report
        self.metrics = metrics
        self.page = page
        gate = Gate(token: settings.token, allowedOrigins: settings.allowedOrigins)
        core = RelayCore(policy: settings.viewerPolicy, limits: settings.limits)
        knocks = ConnectionLimit(perSecond: settings.limits.connectionsPerSecond)
        server = WebServer(
            handshake: settings.limits.handshake,
            admit: { [weak self] in self?.refusal(of: $0) },
            answer: { [weak self] in self?.answer($0) ?? .response(Relay.refusal(503, .full)) },
            dismissed: { [weak self] in self?.report(.admissionRefused(status: 408, "handshake_timeout"), nil) })
        deadline = Deadline { [weak self] in self?.handle(.tick) }
    }

    /// Listens on one more port, and says which: 0 takes any that is free.
    package func listen(on port: UInt16, identity: TLSIdentity? = nil) throws(GLibError) -> UInt16 {
        guard let server else { return 0 }
        let port = try server.listen(on: settings.bind, port: port, identity: identity)
        gate.ports.insert(port)
        return port
    }

    package func hasCamera(named name: CameraName) -> Bool { core.hasCamera(named: name) }

    /// Lets everybody go.
    package func close() {
        for peer in peers.values { peer.close(code: 1001, reason: "the relay stops") }
        server = nil
        deadline = nil
    }

    // MARK: - Who comes

    /// Asked before a byte of a connection is read. Where it is crowded, a guest that dawdles makes room: who has just
    /// come may be one that knows what it wants.
    private func refusal(of address: String) -> HTTPResponse? {
        guard knocks.admit(address, at: MainLoop.now) else { return refused(503, .full) }
        if let server, server.guestCount >= settings.limits.guests {
            server.dismissOldestGuest()
            report(.admissionRefused(status: 503, Code(Gate.Refusal.full)), nil)
        }
        return nil
    }

    private func answer(_ request: HTTPRequest) -> WebServer.Answer {
        switch gate.verdict(on: request) {
        case .refuse(let status, let why): return .response(refused(status, why))
        case .wrongMethod(let allowed):
            var response = refused(405, .method)
            response.headers["Allow"] = allowed
            return .response(response)
        case .page(let address): return .response(page(address) ?? refused(404, .path))
        case .status: return .response(.json(200, status))
        case .metrics:
            let text = Array(metrics().utf8)
            return .response(HTTPResponse(status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: text))
        case .control(let command, let camera):
            let told = handle(.control(command, camera)).count {
                switch $0 {
                case .send, .report(.reconnectMerged, _): true
                case .forward, .forwardPicture, .close, .report: false
                }
            }
            return .response(.json(200, #"{"command":"\#(command.rawValue)","cameras":\#(told)}"#))
        case .peer(let address):
            guard !core.isFull else { return .response(refused(503, .full)) }
            return .webSocket(settings.limits.socket) { [weak self] in self?.welcome($0, address) }
        }
    }

    private var status: String {
        let time = WallClock.now
        let milliseconds = time.seconds * 1000 + Int64(time.nanoseconds) / 1_000_000
        let (cameras, viewers) = (core.count(of: .camera), core.count(of: .viewer))
        return #"{"cameras":\#(cameras),"viewers":\#(viewers),"timestamp":\#(milliseconds)}"#
    }

    private func refused(_ status: Int, _ why: Gate.Refusal) -> HTTPResponse {
        report(.admissionRefused(status: status, Code(why)), nil)
        return Relay.refusal(status, why)
    }

    private static func refusal(_ status: Int, _ why: Gate.Refusal) -> HTTPResponse {
        .json(status, JSONValue.object(["error": .string(why.rawValue), "advice": .string(why.advice)]).text)
    }

    private func welcome(_ socket: WebSocket, _ address: RelayAddress) {
        let id = newID()
        // As if opened a little earlier: a thousand that came together are not all pinged together.
        let heartbeat = Heartbeat(openedAt: MainLoop.now - Heartbeat.interval * Double.random(in: 0..<1))
        let beat = Deadline { [weak self] in self?.beat(id) }
        beat.arm(at: heartbeat.nextDeadline)
        join(id, Peer(way: .socket(socket), address: address, heartbeat: heartbeat, beat: beat))
        socket.start { [weak self] in self?.heard($0, from: id) }
    }

    /// Lets a viewer of this process in.
    package func attach(
        viewerOf camera: CameraName, _ handler: @escaping @MainLoop (LocalViewer.Event) -> Void
    ) -> LocalViewer {
        let id = newID()
        let viewer = LocalViewer(id, at: self, handler)
        join(id, Peer(way: .local(viewer), address: RelayAddress(.viewer, of: camera)), as: .resident)
        return viewer
    }

    private func join(_ id: PeerID, _ peer: Peer, as standing: RelayCore.Standing = .guest) {
        peers[id] = peer
        handle(.joined(id, peer.address, as: standing))
    }

    /// Short enough for a log, and not to be guessed from another.
    private func newID() -> PeerID {
        while true {
            let id = PeerID(String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16))
            if peers[id] == nil { return id }
        }
    }

    // MARK: - What they say

    private func heard(_ event: WebSocket.Event, from id: PeerID) {
        // What did not go out is no sign of life.
        if case .picturesDropped = event {} else { peers[id]?.heartbeat?.heard(at: MainLoop.now) }
        switch event {
        case .text(let text): heard(text, from: id)
        case .binary(let bytes): handle(.binary(id, bytes: bytes.count), picture: bytes)
        // Pongs that nobody asked for cost as much as pings.
        case .ping, .pong: handle(.ping(id))
        case .picturesDropped(let count): peers[id]?.picturesMissed += count
        case .closed(let code, _, let closer):
            reportPicturesMissed(by: id)
            if closer == .rules { reportClosed(id, code, Rule(code)) }
            left(id)
        }
    }

    func heard(_ text: String, from id: PeerID) { handle(message(in: text, from: id)) }

    func left(_ id: PeerID) {
        peers[id] = nil
        handle(.left(id))
    }

    /// The rules of the socket itself that a peer can break, as words for log and metrics.
    private enum Rule: String, CaseIterable {
        case oversized, notUTF8 = "not_utf8", unread, `protocol`, fragmented, heartbeat

        init(_ code: UInt16) {
            switch code {
            case 1007: self = .notUTF8
            case 1008: self = .fragmented
            case 1009: self = .oversized
            case 1013: self = .unread
            default: self = .protocol
            }
        }
    }

    private func reportClosed(_ id: PeerID, _ code: UInt16, _ rule: Rule) {
        guard let address = peers[id]?.address else { return }
        let peer = RelayEvent.Peer(id, as: address.role)
        report(.peerClosed(peer, closeCode: Int(code), Code(rule)), address.camera.description)
    }

    private func reportPicturesMissed(by id: PeerID) {
        guard let peer = peers[id], peer.picturesMissed > 0 else { return }
        peers[id]?.picturesMissed = 0
        report(
            .picturesDropped(for: RelayEvent.Peer(id, as: peer.address.role), count: peer.picturesMissed),
            peer.address.camera.description)
    }

    private func message(in text: String, from id: PeerID) -> RelayCore.Event {
        let json: JSONValue
        do throws(JSONValue.SyntaxError) {
            json = try JSONValue(parsing: text, maxDepth: settings.limits.jsonDepth)
        } catch {
            return .refused(id, error.isTooDeep ? .tooDeep : .notJSON)
        }
        do throws(SignalingMessage.Refusal) {
            return .message(id, try SignalingMessage(json: json), text: text)
        } catch {
            return .refused(id, error)
        }
    }

    /// Does all that follows from an event before the next one: what is done can make things happen, such as a receiver
    /// that joins because a camera did.
    @discardableResult
    private func handle(_ event: RelayCore.Event, picture: [UInt8] = []) -> [RelayCore.Action] {
        guard !isAtWork else {
            waiting.append((event, picture))
            return []
        }
        isAtWork = true
        defer { isAtWork = false }
        let actions = core.handle(event, at: MainLoop.now)
        perform(actions, picture: picture)
        while !waiting.isEmpty {
            let (event, picture) = waiting.removeFirst()
            perform(core.handle(event, at: MainLoop.now), picture: picture)
        }
        deadline?.arm(at: core.nextDeadline)
        return actions
    }

    // MARK: - What follows

    private func perform(_ actions: [RelayCore.Action], picture: [UInt8]) {
        for action in actions {
            switch action {
            case .forward(let text, let id): peers[id]?.send(text)
            case .send(let message, let id): peers[id]?.send(message.json.text)
            case .forwardPicture(let ids): for id in ids { peers[id]?.send(picture: picture) }
            case .close(let id, let why): peers[id]?.close(code: why.code, reason: why.reason)
            case .report(let news, let camera):
                let event = RelayEvent(news) { peers[$0]?.address.role ?? .viewer }
                report(event, camera.description)
            }
        }
    }

    private func beat(_ id: PeerID) {
        reportPicturesMissed(by: id)
        guard case .socket(let socket) = peers[id]?.way else { return }
        switch peers[id]?.heartbeat?.tick(at: MainLoop.now) {
        case .ping: socket.ping()
        case .dead:
            reportClosed(id, 1006, .heartbeat)
            socket.abort()
        case nil: break
        }
        peers[id]?.beat?.arm(at: peers[id]?.heartbeat?.nextDeadline)
    }
}

@MainLoop
extension Relay.Peer {
    fileprivate func send(_ text: String) {
        switch way {
        case .socket(let socket): socket.send(text)
        case .local(let viewer): viewer.deliver(.received(text))
        }
    }

    fileprivate func send(picture: [UInt8]) {
        switch way {
        case .socket(let socket): socket.send(picture: picture)
        // It has the stream itself.
        case .local: break
        }
    }

    fileprivate func close(code: UInt16, reason: String) {
        switch way {
        case .socket(let socket): socket.close(code: code, reason: reason)
        case .local(let viewer): viewer.deliver(.dismissed)
        }
    }
}

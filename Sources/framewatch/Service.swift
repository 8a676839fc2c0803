// SPDX-License-Identifier: Apache-2.0

import Glibc
import Host
import Incidents
import MainLoop
import Media
import Monitor
import Receiver
import Relay
import RelayClient
import Signaling
import Sockets
import Telemetry
import Text
import Web

/// `framewatch run` and `framewatch relay`: composed from the configuration; a signal ends it.
@MainLoop
final class Service {
    enum Job {
        case relay
        /// And relay, unless there is a relay to join.
        case receive
    }

    private let job: Job
    private let configuration: Configuration
    private let life: Lifetime
    private var relay: Relay?
    private var door: FrontDoor?
    private var station: Station?
    private var blackBox: BlackBox?

    private var journal: Journal { life.journal }

    init(_ job: Job, _ configuration: Configuration) throws(Complaint) {
        self.job = job
        self.configuration = configuration
        life = try Lifetime(configuration)
    }

    /// Serves until it is told to stop.
    func run() async throws(Complaint) {
        Host.boundMemory()
        try await life.go { () throws(Complaint) in
            try await self.start()
        } close: {
            door = nil
            blackBox?.finish()
            // A process that ends in the middle of a teardown may crash.
            await station?.close(within: .seconds(3))
            relay?.close()
        }
    }

    private func start() async throws(Complaint) {
        let state = StateDirectory(path: configuration.stateDirectory)
        if job == .receive { try await Service.startMedia() }
        if let url = configuration.relay, let joined = JoinedRelay(url, token: configuration.token) {
            let station = makeStation(state) { [journal, configuration] in
                joined.line(as: RelayAddress(.viewer, of: $0), configuration, journal, $1)
            }
            watch(configuration.cameras.isEmpty ? [.default] : configuration.cameras, from: station)
            if let port = configuration.metricsPort { try serveMetrics(on: port, state) }
        } else {
            try await startRelay(state)
        }
    }

    private func startRelay(_ state: StateDirectory) async throws(Complaint) {
        var limits = configuration.limits
        limits.peers = peersWithinDescriptors()
        let token = try token(in: state)
        let identity = try await identity(in: state)
        guard !Task.isCancelled else { return }
        let relay = Relay(
            policy: configuration.viewerPolicy, limits: limits, mostText: configuration.transport.textBytes
        ) { [journal] in
            journal.report(.relay($0), camera: $1)
        }
        self.relay = relay
        if job == .receive {
            let station = makeStation(state, over: relay.line, isConnected: relay.hasCamera)
            watch(configuration.cameras, from: station)
            // Cameras call by offering, too: places may have become free since they came.
            if configuration.cameras.isEmpty { relay.whenCameraCalls { [weak station] in station?.watch($0) } }
        }
        let pages = Pages(version: Framewatch.version, httpsPort: configuration.ports.https) { relay.cameras }
        // Last, so that whoever finds a port open finds everything behind it.
        let door = openDoor(token, relay.routes + pages.routes)
        try listen(door, on: configuration.ports.webSocket, "ws-port", "ws", nil)
        try listen(door, on: configuration.ports.http, "http-port", "http", nil)
        pages.httpsPort = try listen(door, on: configuration.ports.https, "https-port", "https", identity)
        let invitation = Invitation(bind: configuration.bind, port: pages.httpsPort, token: token)
        pages.phoneAddresses = invitation.urls
        try invite(invitation, state)
    }

    private func serveMetrics(on port: UInt16, _ state: StateDirectory) throws(Complaint) {
        try listen(openDoor(try token(in: state), []), on: port, "metrics-port", "http", nil)
    }

    private func openDoor(_ token: Secret?, _ routes: [Route]) -> FrontDoor {
        var settings = FrontDoor.Settings()
        settings.bind = configuration.bind
        settings.allowedOrigins = Set(configuration.allowedOrigins)
        settings.transport = configuration.transport
        settings.token = token
        let report: FrontDoor.Report = { [journal] in journal.report(.relay($0)) }
        let metrics = Route(.get, .exactly("/metrics")) { [weak self] _, _ in
            let text = Array((self?.metrics ?? "").utf8)
            return .response(HTTPResponse(status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: text))
        }
        let door = FrontDoor(settings, routes + [metrics, Uploads(report: report).route], report: report)
        self.door = door
        return door
    }

    private var metrics: String {
        let now = MainLoop.now
        for (camera, reading) in station?.readings(at: now) ?? [] { journal.take(reading, of: camera) }
        return journal.metrics.text()
    }

    // MARK: - Receiving

    /// Scans the plugins, which takes a while the first time.
    @concurrent
    nonisolated static func startMedia() async throws(Complaint) {
        do throws(MediaError) { try GStreamer.start() } catch { throw Complaint(error.description) }
    }

    private func makeStation(
        _ state: StateDirectory, over open: @escaping LineOpener,
        isConnected: @escaping @MainLoop (CameraName) -> Bool = { _ in true }
    ) -> Station {
        var settings = Station.Settings()
        let receiver = state.session()
        let sessions = state.sessionsOrNone(ofReceiver: receiver.number, at: .now) { journal.report(.service($0)) }
        settings.sessionName = receiver.name
        // To an embedded relay phones come anew, and offer by themselves.
        if configuration.relay != nil { settings.isOverdue = { sessions[$0].attempts > 0 } }
        settings.maxCameras = configuration.maxCameras
        settings.reception = { [configuration] in Station.Reception(configuration.settings(of: $0)) }
        let station = Station(settings, over: open, isConnected: isConnected) { [journal] in
            journal.report(.receiver($0), camera: $1)
        } exhausted: { [life] in
            life.end(.complaint(Complaint("too many connections hang in their teardown; start again")))
        }
        self.station = station
        blackBox = BlackBox(state, receiver: receiver.number, sessions, journal, station)
        return station
    }

    private func watch(_ cameras: [CameraName], from station: Station) {
        for camera in cameras { station.watch(camera) }
    }

    // MARK: - Serving

    /// As many peers as asked for, if the system has descriptors for them and a quarter to spare.
    private func peersWithinDescriptors() -> Int {
        let descriptors = Host.raiseDescriptorLimit()
        let possible = max(1, descriptors / 4 * 3 - configuration.transport.guests)
        let wanted = configuration.limits.peers
        if wanted > possible {
            let note = "max-peers is \(possible) and not \(wanted): there are \(descriptors) descriptors (ulimit -n)"
            journal.report(.service(.configurationNoted(note)))
        }
        return min(wanted, possible)
    }

    private func token(in state: StateDirectory) throws(Complaint) -> Secret? {
        switch configuration.token {
        case .open:
            journal.report(.service(.configurationNoted("token = none lets everybody in")))
            return nil
        case .given(let token): return token
        case .own: return try state.token()
        }
    }

    /// Shows the token only if the standard output is somebody's screen.
    private func invite(_ invitation: Invitation, _ state: StateDirectory) throws(Complaint) {
        guard isatty(STDOUT_FILENO) == 1 else {
            let token =
                switch configuration.token {
                case .open: "it needs no token"
                case .given: "its token is the configured one"
                case .own: "its token is in \(state.path)/token"
                }
            let urls = invitation.urls.joined(separator: ", ")
            return journal.report(.service(.cameraPageServed(urls: urls, token: token)))
        }
        do throws(LineWriter.Failure) {
            let screen = try LineWriter(path: nil)
            for line in invitation.lines { screen.write(line) }
        } catch {
            throw Complaint(error.description)
        }
    }

    private func identity(in state: StateDirectory) async throws(Complaint) -> TLSIdentity {
        guard let chain = configuration.certificate.chain, let key = configuration.certificate.key else {
            return try await state.identity()
        }
        do throws(GLibError) { return try await TLSIdentity(certificateFile: chain, keyFile: key) } catch {
            throw Complaint("cannot use tls-certificate \(chain) with tls-key \(key): \(error.message)")
        }
    }

    @discardableResult
    private func listen(
        _ door: FrontDoor, on port: UInt16, _ key: String, _ scheme: String, _ identity: TLSIdentity?
    ) throws(Complaint) -> UInt16 {
        do throws(GLibError) {
            let port = try door.listen(on: port, identity: identity)
            journal.report(.service(.listening(url: "\(scheme)://\(configuration.authority(port))")))
            return port
        } catch {
            throw Complaint("cannot listen on \(configuration.authority(port)) (\(key)): \(error.message)")
        }
    }
}

extension Configuration {
    fileprivate func authority(_ port: UInt16) -> String {
        bind.contains(":") ? "[\(bind)]:\(port)" : "\(bind):\(port)"
    }
}

extension Station.Reception {
    init(_ settings: CameraSettings) {
        self.init()
        policy = settings.watchdog
        codecs = settings.codecs
        peer.stunServer = settings.stun
        peer.turnServers = settings.turn.map { $0.revealSecret() }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Glibc
import MainLoop
import Media
import Monitor
import Receiver
import Relay
import Signaling
import Sockets
import Telemetry

/// `framewatch run` and `framewatch relay`: composed from the configuration, until a signal ends it.
@MainLoop
final class Service {
    enum Job {
        case relay
        /// Besides relaying, unless there is a relay to join.
        case receive
    }

    private let job: Job
    let configuration: Configuration
    let journal: Journal
    private var relay: Relay?
    private var station: Station?
    private var pages: Pages
    private var signals: TerminationSignals?
    private let ends: AsyncStream<Result<TerminationSignal, Complaint>>
    let end: AsyncStream<Result<TerminationSignal, Complaint>>.Continuation

    init(_ job: Job, _ configuration: Configuration) throws(Complaint) {
        self.job = job
        self.configuration = configuration
        (ends, end) = AsyncStream.makeStream()
        pages = Pages(httpsPort: configuration.ports.https)
        journal = try Journal(configuration)
    }

    /// Serves until it is told to stop, which may be before everything is there.
    func run() async throws(Complaint) {
        Host.boundMemory()
        defer { journal.finish() }
        let (journal, end) = (journal, end)
        signals = TerminationSignals { end.yield(.success($0)) }
        LibraryLog.capture { journal.report(.service(.libraryWarned(domain: $0, $1))) }
        journal.report(.service(.started(version: Framewatch.version)))
        let starting = Task {
            do throws(Complaint) { try await start() } catch { end.yield(.failure(error)) }
        }
        defer { starting.cancel() }
        var reason: Result<TerminationSignal, Complaint>?
        for await end in ends.prefix(1) { reason = end }
        if case .success(let signal) = reason { journal.report(.service(.stopping(signal: signal.name))) }
        // A process that ends in the middle of a teardown may crash.
        await station?.close(within: .seconds(3))
        relay?.close()
        if case .failure(let complaint) = reason { throw complaint }
    }

    private func start() async throws(Complaint) {
        let state = StateDirectory(path: configuration.stateDirectory)
        if job == .receive { try await Service.startMedia() }
        if let url = configuration.relay, let joined = JoinedRelay(url, token: try token(for: url, in: state)) {
            let station = try station(state) { [journal] in
                RelayLink.line(to: joined, as: RelayAddress(.viewer, of: $0), journal: journal, $1)
            }
            watch(configuration.cameras.isEmpty ? [.default] : configuration.cameras, from: station)
            if let port = configuration.metricsPort { try serveMetrics(on: port, state) }
        } else {
            try await startRelay(state)
        }
    }

    private func startRelay(_ state: StateDirectory) async throws(Complaint) {
        var settings = Relay.Settings(configuration)
        settings.limits.peers = peersWithinDescriptors()
        settings.token = try token(in: state)
        let identity = try await identity(in: state)
        guard !Task.isCancelled else { return }
        let relay = Relay(
            settings, report: { [weak self] in self?.happened($0, to: $1) },
            metrics: { [weak self] in self?.metrics ?? "" }, page: { [weak self] in self?.pages.page(at: $0) })
        self.relay = relay
        if job == .receive {
            let station = try station(state) {
                EmbeddedLine(to: relay, for: $0, $1)
            } isConnected: {
                relay.hasCamera(named: $0)
            }
            watch(configuration.cameras, from: station)
        }
        // Last: whoever finds a port open finds everything behind it.
        try listen(relay, on: configuration.ports.webSocket, "ws-port", "ws", nil)
        try listen(relay, on: configuration.ports.http, "http-port", "http", nil)
        pages.httpsPort = try listen(relay, on: configuration.ports.https, "https-port", "https", identity)
        try invite(Invitation(bind: configuration.bind, port: pages.httpsPort, token: settings.token), state)
    }

    /// A relay without room for anybody.
    private func serveMetrics(on port: UInt16, _ state: StateDirectory) throws(Complaint) {
        var settings = Relay.Settings(configuration)
        settings.limits.peers = 0
        settings.token = try token(in: state)
        let relay = Relay(
            settings, report: { [journal] in journal.report(.relay($0), camera: $1) },
            metrics: { [weak self] in self?.metrics ?? "" }, page: { _ in nil })
        self.relay = relay
        try listen(relay, on: port, "metrics-port", "http", nil)
    }

    private func happened(_ event: RelayEvent, to camera: String?) {
        journal.report(.relay(event), camera: camera)
        guard configuration.cameras.isEmpty, let camera else { return }
        switch event {
        // Places may have become free since a camera connected.
        case .connected(.camera), .signalingRelayed("offer", from: .camera):
            CameraName(camera).map { station?.watch($0) }
        default: break
        }
    }

    private var metrics: String {
        let now = MainLoop.now
        for (camera, reading) in station?.readings(at: now) ?? [] { journal.read(reading, of: camera) }
        return journal.metrics.text()
    }

    // MARK: - Receiving

    /// Looks through the plugins, which takes a while the first time.
    @concurrent
    nonisolated static func startMedia() async throws(Complaint) {
        do throws(MediaError) { try GStreamer.start() } catch { throw Complaint(error.description) }
    }

    private func station(
        _ state: StateDirectory, over open: @escaping LineOpener,
        isConnected: @escaping @MainLoop (CameraName) -> Bool = { _ in true }
    ) throws(Complaint) -> Station {
        var settings = Station.Settings(configuration)
        settings.sessionName = state.sessionName()
        let (journal, end) = (journal, end)
        let station = Station(settings, over: open, isConnected: isConnected) {
            journal.report(.receiver($0), camera: $1)
        } exhausted: {
            end.yield(.failure(Complaint("too many connections hang in their teardown; start again")))
        }
        self.station = station
        return station
    }

    private func watch(_ cameras: [CameraName], from station: Station) {
        for camera in cameras { station.watch(camera) }
    }

    // MARK: - Serving

    /// As many peers as asked for, if the system has descriptors for them and a quarter to spare.
    private func peersWithinDescriptors() -> Int {
        let descriptors = Host.raiseDescriptorLimit()
        let (wanted, possible) = (configuration.limits.peers, max(1, descriptors / 4 * 3 - configuration.limits.guests))
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

    /// A token of our own making is shown to a relay of this machine only.
    private func token(for relay: Secret, in state: StateDirectory) throws(Complaint) -> Configuration.Token {
        let isOurs = Address(relay.revealSecret())?.isThisMachine == true
        return isOurs && configuration.token == .own ? .given(try state.token()) : configuration.token
    }

    /// Shows the token where the standard output is somebody's screen, and nowhere else.
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
        _ relay: Relay, on port: UInt16, _ key: String, _ scheme: String, _ identity: TLSIdentity?
    ) throws(Complaint) -> UInt16 {
        do throws(GLibError) {
            let port = try relay.listen(on: port, identity: identity)
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

extension Relay.Settings {
    fileprivate init(_ configuration: Configuration) {
        self.init()
        bind = configuration.bind
        allowedOrigins = Set(configuration.allowedOrigins)
        viewerPolicy = configuration.viewerPolicy
        limits = configuration.limits
    }
}

extension Station.Settings {
    fileprivate init(_ configuration: Configuration) {
        self.init()
        policy = configuration.watchdog
        codecs = configuration.codecs
        peer.stunServer = configuration.stun
        peer.turnServers = configuration.turn.map { $0.revealSecret() }
        maxCameras = configuration.maxCameras
        jsonDepth = configuration.limits.jsonDepth
    }
}

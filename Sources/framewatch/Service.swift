// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Relay
import Signaling
import Sockets
import Telemetry

/// `framewatch run` and `framewatch relay`: composed from the configuration, until a signal ends it.
@MainLoop
final class Service {
    private let configuration: Configuration
    private let note: String?
    private let journal: Journal
    private var relay: Relay?
    private var signals: TerminationSignals?

    /// `note` is something about the configuration that whoever wrote it should know.
    init(_ configuration: Configuration, note: String? = nil) throws(Complaint) {
        self.configuration = configuration
        self.note = note
        journal = try Journal(configuration)
    }

    /// Serves until it is told to stop, which may be before everything is there.
    func run() async throws(Complaint) {
        Host.boundMemory()
        defer { journal.finish() }
        let journal = journal
        let (ends, end) = AsyncStream.makeStream(of: Result<TerminationSignal, Complaint>.self)
        signals = TerminationSignals { end.yield(.success($0)) }
        LibraryLog.capture { journal.report(.service(.libraryWarned(domain: $0, $1))) }
        journal.report(.service(.started(version: Framewatch.version)))
        if let note { journal.report(.service(.configurationNoted(note))) }
        let starting = Task {
            do throws(Complaint) { try await startRelay() } catch { end.yield(.failure(error)) }
        }
        defer { starting.cancel() }
        for await end in ends.prefix(1) {
            journal.report(.service(.stopping(signal: try end.get().name)))
        }
        relay?.close()
    }

    private func startRelay() async throws(Complaint) {
        let state = StateDirectory(path: configuration.stateDirectory)
        var settings = Relay.Settings(configuration)
        settings.limits.peers = peersWithinDescriptors()
        settings.token = try token(in: state)
        let identity = try await identity(in: state)
        guard !Task.isCancelled else { return }
        let journal = journal
        let relay = Relay(
            settings, report: { journal.report(.relay($0), camera: $1) }, metrics: { journal.metrics.text() })
        self.relay = relay
        // Last: whoever finds a port open finds everything behind it.
        try listen(relay, on: configuration.ports.webSocket, "ws-port", "ws", nil)
        try listen(relay, on: configuration.ports.http, "http-port", "http", nil)
        try listen(relay, on: configuration.ports.https, "https-port", "https", identity)
    }

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

    private func identity(in state: StateDirectory) async throws(Complaint) -> TLSIdentity {
        guard let chain = configuration.certificate.chain, let key = configuration.certificate.key else {
            return try await state.identity()
        }
        do throws(GLibError) { return try await TLSIdentity(certificateFile: chain, keyFile: key) } catch {
            throw Complaint("cannot use tls-certificate \(chain) with tls-key \(key): \(error.message)")
        }
    }

    private func listen(
        _ relay: Relay, on port: UInt16, _ key: String, _ scheme: String, _ identity: TLSIdentity?
    ) throws(Complaint) {
        do throws(GLibError) {
            let port = try relay.listen(on: port, identity: identity)
            journal.report(.service(.listening(url: "\(scheme)://\(configuration.authority(port))")))
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

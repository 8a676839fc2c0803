// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling
import Timing

typealias Element = UnsafeMutablePointer<GstElement>

/// A connection to another end: a playing pipeline around one webrtcbin, until it is closed.
///
/// It is not `connected` before the other end has shown the certificate that it announced.
@MainLoop
final class PeerConnection<Content> {
    /// What else is in the pipeline.
    let content: Content
    let proof = PeerProof()
    private let certificate: DTLSCertificate
    /// `nil` once it is closed.
    private(set) var webrtcbin: GObjectRef<Element>?
    private(set) var isProven = false
    /// For keepalives, once there is one.
    private(set) var channel: DataChannel?
    /// To be set before anything else is done; events come in later turns.
    var events: @MainLoop (PeerEvent) -> Void = { _ in }
    private let pipeline: LastReference
    private var signals: [SignalConnection] = []
    /// The newest of both ends: webrtcbin may quote them.
    private var descriptions: [String: String] = [:]
    private var farewell: Farewell?
    private var hasFailed = false

    /// GStreamer must have been started. `furnish` adds what else belongs into the pipeline before it plays.
    init(
        _ configuration: PeerConfiguration,
        furnish: (_ pipeline: Element, _ webrtcbin: Element) throws(MediaError) -> Content
    ) throws(MediaError) {
        certificate = try GStreamer.certificate()
        let core = ProcessorCore()
        // Some of webrtcbin's threads begin as it is made, others as it plays.
        let pipeline = try Element.newPipeline()
        self.pipeline = LastReference(pipeline)
        (webrtcbin, content) = try core.run { () throws(MediaError) in
            guard let webrtcbin = gst_element_factory_make("webrtcbin", nil) else {
                throw .missingElements(["webrtcbin"])
            }
            let owned = GObjectRef(retaining: webrtcbin)
            pipeline.pointer.add(webrtcbin)
            webrtcbin.configure(configuration)
            do throws(MediaError) { return (owned, try furnish(pipeline.pointer, webrtcbin)) } catch {
                LastReference(pipeline).tearDown()
                throw error
            }
        }
        PipelineMessages.handle(of: pipeline.pointer) { [weak self] message in
            if let fault = message.fault(in: .source) { MainLoop.post { self?.heard(fault) } }
            // A pool's threads were made elsewhere, with other settings.
            if message.tellsOfNewThread { core.adopt() }
        }
        listen()
        _ = core.run { gst_element_set_state(pipeline.pointer, GST_STATE_PLAYING) }
    }

    isolated deinit { precondition(webrtcbin == nil, "a peer must be closed before it is let go") }

    /// Ends it at once. The teardown goes on elsewhere until `closed`, since it can take long or hang.
    func close() {
        guard let webrtcbin = webrtcbin.take() else { return }
        for signal in signals { signal.cancel() }
        signals = []
        // Before webrtcbin: a channel that outlives it would be used after it was freed (1.22).
        channel = nil
        farewell = nil
        let work = { @Sendable [pipeline] in
            // Unfinished work would look into what is being freed (1.22), and never reply to its promise.
            webrtcbin.finishAnswering()
            pipeline.tearDown()
            // A connection's memory is scattered: the heap would keep pages for as many as there ever were at once.
            malloc_trim(0)
        }
        Teardown.begin(work) { [events] in
            switch $0 {
            case .overdue: events(.closingLate)
            case .done(let duration): events(.closed(after: duration))
            }
        }
    }

    // MARK: - What it is asked

    func add(_ candidate: ICECandidate, section: Int) {
        guard let webrtcbin else { return }
        cgst_add_ice_candidate(webrtcbin.pointer, guint(section), candidate.line)
    }

    /// Asks for an offer or an answer. `read` sees the reply on webrtcbin's thread.
    func create(
        _ signal: String, read: @escaping @Sendable (UnsafePointer<GstStructure>?) -> String,
        then: @escaping @MainLoop (String) -> Void
    ) {
        let announced = { @Sendable [certificate] in certificate.announced(in: read($0)) }
        webrtcbin?.ask(signal, read: announced) { [weak self] in self?.proceed($0, then) }
    }

    func set(
        _ signal: String, _ type: GstWebRTCSDPType, _ text: String, read: @escaping @Sendable () -> Void = {},
        then: @escaping @MainLoop () -> Void
    ) {
        descriptions[signal] = text
        webrtcbin?.set(signal, type, text, read: read) { [weak self] in self?.proceed($0, then) }
    }

    private func proceed<Value>(_ result: Result<Value, PeerRefusal>, _ then: @MainLoop (Value) -> Void) {
        switch result {
        case .success(let value): then(value)
        case .failure(let refusal):
            fail(.refused(refusal.reason.withholding(valuesOf: descriptions.values.joined(separator: "\n"))))
        }
    }

    // MARK: - What webrtcbin tells, on threads of its own

    func on(_ signal: String, _ handler: @escaping @Sendable (borrowing Emission) -> Void) {
        guard let webrtcbin else { return }
        signals.append(SignalConnection(webrtcbin, onAnyThread: signal, handler))
    }

    private func listen() {
        on("deep-element-added") { [certificate] in
            if let part = $0.pointer(1) { Element(raw: part).adjust(for: certificate) }
        }
        on("on-ice-candidate") { [weak self] in
            let (candidate, section) = ($0.argument(1, as: String.self), $0.argument(0, as: Int.self))
            // From 1.24 on an empty one says that there are no more.
            if !candidate.isEmpty { MainLoop.post { self?.emit(.candidate(candidate, section: section)) } }
        }
        let foundPath = { @Sendable [weak self] in MainLoop.post { self?.emit(.pathFound) } }
        if let found = webrtcbin.flatMap({ ICEAgent(of: $0.pointer) })?.onPath(foundPath) { signals.append(found) }
        on("notify::ice-connection-state") { [weak self] in
            guard let state = ICEState(rawValue: $0.object.property("ice-connection-state")) else { return }
            MainLoop.post { self?.iceChanged(to: state) }
        }
        on("notify::connection-state") { [weak self, proof] in
            guard let state = ConnectionState(rawValue: $0.object.property("connection-state")) else { return }
            let webrtcbin = Element(raw: $0.object.pointer.raw)
            let isProven = state == .connected && proof.holds(for: webrtcbin)
            // Only a proven peer can say farewell.
            let farewell = isProven ? Farewell(of: webrtcbin) { self?.fail(.closedByPeer) } : nil
            MainLoop.post { self?.connectionChanged(to: state, isProven: isProven, farewell) }
        }
    }

    // MARK: - What follows from it, on the loop

    private func iceChanged(to state: ICEState) {
        emit(.iceState(state))
        if state == .failed { fail(.iceFailed) }
    }

    private func connectionChanged(to state: ConnectionState, isProven: Bool, _ farewell: Farewell?) {
        guard webrtcbin != nil else { return }
        self.isProven = isProven
        if isProven { self.farewell = farewell }
        if state == .connected && !isProven { return fail(.fingerprintMismatch) }
        emit(.connectionState(state))
        if state == .failed { fail(.connectionFailed) }
    }

    /// Until it is closed.
    func keep(_ channel: DataChannel) {
        if webrtcbin != nil { self.channel = channel }
    }

    private func heard(_ fault: Fault) {
        if fault.owner == .stream { emit(.streamFault(fault)) } else { fail(PeerFailure(fault)) }
    }

    func fail(_ failure: PeerFailure) {
        if hasFailed { return }
        hasFailed = true
        emit(.failed(failure))
    }

    /// Drops what was posted before it was closed.
    func emit(_ event: PeerEvent) {
        if webrtcbin != nil { events(event) }
    }
}

extension Element {
    fileprivate func configure(_ configuration: PeerConfiguration) {
        set("bundle-policy", "max-bundle")
        set("latency", "\(Int(configuration.latency / .milliseconds(1)))")
        if let server = configuration.stunServer { set("stun-server", server) }
        for server in configuration.turnServers { _ = cgst_accepts(self, "add-turn-server", server) }
        for address in configuration.localAddresses {
            if let ice { _ = cgst_accepts(ice.pointer.raw, "add-local-ip-address", address) }
        }
        ICEAgent(of: self)?.configure()
    }
}

extension GObjectPointer {
    /// Sets a property from its text, if this version has it.
    func set(_ property: String, _ value: String) {
        gst_util_set_object_arg(raw.assumingMemoryBound(to: GObject.self), property, value)
    }
}

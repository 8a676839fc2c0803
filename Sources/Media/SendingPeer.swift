// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling
import Synchronization
import Timing

/// What happens to a sending peer, told on the loop. After `close()` only the end of it is told.
package enum SendingPeerEvent: Equatable, Sendable {
    case offer(String)
    /// The viewer's candidates may be added.
    case answerSet
    /// One of ours; `section` counts the offer's.
    case candidate(String, section: Int)
    case iceState(ICEState)
    case connectionState(ConnectionState)
    /// Once; the peer is of no more use.
    case failed(PeerFailure)
    case closingLate
    case closed(after: Duration)
}

/// One connection of a camera of our own: offers as a phone does, and sends a source's frames while it is told to.
///
/// No frame is sent to a viewer that has not shown the certificate that its answer announced.
@MainLoop
package final class SendingPeer {
    private let feed: FrameFeed
    private let teardownLimit: Duration
    private let events: (SendingPeerEvent) -> Void
    private let fingerprints = Announced()
    private var pipeline: PeerPipeline<SendingParts>?
    private var connections: [SignalConnection] = []
    private var channel: DataChannel?
    private var isProven = false
    private var hasFailed = false

    /// GStreamer must have been started. Close the peer before letting it go.
    package init(
        configuration: PeerConfiguration, source: VideoSource, sound: Sound,
        events: @escaping @MainLoop (SendingPeerEvent) -> Void
    ) throws(MediaError) {
        feed = source.feed
        self.events = events
        teardownLimit = configuration.teardownLimit
        let onError = { @Sendable [weak self] complaint in
            MainLoop.post { self?.fail(PeerFailure(complaint: complaint)) }
        }
        pipeline = try PeerPipeline(configuration, onError: onError) { pipeline, webrtcbin throws(MediaError) in
            try SendingParts(in: pipeline, beside: webrtcbin, video: source.settings.codec, sound: sound)
        }
        guard let pipeline, let webrtcbin = pipeline.webrtcbin else { return }
        // The request of a viewer that lost its way travels up to here.
        KeyframeRequest.handle(at: pipeline.content.video.pointer) { [feed] in feed.requestKeyframe() }
        channel = DataChannel(pipeline.content.channel) {}
        connect(webrtcbin)
        offer(of: webrtcbin)
    }

    /// Takes the answer to its offer.
    package func take(_ answer: SessionDescription) {
        guard let webrtcbin = pipeline?.webrtcbin else { return }
        fingerprints.content.withLock { $0 = answer.sections.flatMap(answer.fingerprints(of:)) }
        webrtcbin.set("set-remote-description", GST_WEBRTC_SDP_TYPE_ANSWER, answer.description) { [weak self] in
            if self?.succeeded($0) != nil { self?.emit(.answerSet) }
        }
    }

    package func add(_ candidate: ICECandidate, section: Int) {
        guard let webrtcbin = pipeline?.webrtcbin else { return }
        cgst_add_ice_candidate(webrtcbin.pointer, guint(section), candidate.line)
    }

    /// Once connected, takes the source's frames over from whichever peer had them.
    package func startFrames() {
        if isProven, let video = pipeline?.content.video { feed.open(into: video) }
    }

    /// Sends no more frames, and stays connected.
    package func stopFrames() {
        if let video = pipeline?.content.video { feed.close(video) }
    }

    /// Ends the connection at once; the rest of it goes on elsewhere, until `closed`.
    package func close() {
        guard let pipeline else { return }
        stopFrames()
        self.pipeline = nil
        for connection in connections { connection.cancel() }
        connections = []
        // Before webrtcbin: one that outlives it is used after it was freed (1.22).
        channel = nil
        pipeline.close(limit: teardownLimit) { [events] in
            switch $0 {
            case .overdue: events(.closingLate)
            case .done(let duration): events(.closed(after: duration))
            }
        }
    }

    // MARK: - What webrtcbin tells, on threads of its own

    private func connect(_ webrtcbin: GObjectRef<Element>) {
        let on = { (signal: String, handler: @escaping @Sendable (borrowing Emission) -> Void) in
            SignalConnection(webrtcbin, onAnyThread: signal, handler)
        }
        connections = [
            on("on-ice-candidate") { [weak self] in
                let (candidate, section) = ($0.argument(1, as: String.self), $0.argument(0, as: Int.self))
                MainLoop.post { self?.emit(.candidate(candidate, section: section)) }
            },
            on("notify::ice-connection-state") { [weak self] in
                guard let state = ICEState(rawValue: $0.object.property("ice-connection-state")) else { return }
                MainLoop.post { self?.iceChanged(to: state) }
            },
            on("notify::connection-state") { [weak self, fingerprints] in
                guard let state = ConnectionState(rawValue: $0.object.property("connection-state")) else { return }
                let announced = fingerprints.content.withLock { $0 }
                let isProven =
                    state == .connected
                    && PeerIdentity.isProven(of: Element(raw: $0.object.pointer.raw), by: announced)
                MainLoop.post { self?.connectionChanged(to: state, isProven: isProven) }
            },
        ]
    }

    // MARK: - What follows from it, on the loop

    private func offer(of webrtcbin: GObjectRef<Element>) {
        webrtcbin.ask("create-offer", read: { SessionText.text(of: "offer", in: $0) }) { [weak self] in
            guard let self, let text = succeeded($0) else { return }
            self.pipeline?.webrtcbin?.set("set-local-description", GST_WEBRTC_SDP_TYPE_OFFER, text) { [weak self] in
                if self?.succeeded($0) != nil { self?.emit(.offer(text)) }
            }
        }
    }

    private func iceChanged(to state: ICEState) {
        emit(.iceState(state))
        if state == .failed { fail(.iceFailed) }
    }

    private func connectionChanged(to state: ConnectionState, isProven: Bool) {
        if state == .connected && !isProven { return fail(.fingerprintMismatch) }
        self.isProven = isProven
        emit(.connectionState(state))
        if state == .failed { fail(.connectionFailed) }
    }

    private func succeeded<Value>(_ result: Result<Value, PeerRefusal>) -> Value? {
        switch result {
        case .success(let value): return value
        case .failure(let refusal):
            fail(.refused(refusal.reason))
            return nil
        }
    }

    private func fail(_ failure: PeerFailure) {
        if hasFailed { return }
        hasFailed = true
        stopFrames()
        emit(.failed(failure))
    }

    /// What was posted before the peer was closed is not told any more.
    private func emit(_ event: SendingPeerEvent) {
        if pipeline != nil { events(event) }
    }
}

/// The certificates that the answer announced, for webrtcbin's threads.
private final class Announced: Sendable {
    let content = Mutex<[Fingerprint]>([])
}

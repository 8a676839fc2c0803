// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling
import Timing

/// One connection with a phone: answers its offers and feeds its video's packets to a tap.
///
/// No frame counts before the phone has shown the certificate that its offer announced. Sections of an offer other than
/// the chosen video are answered as inactive, so that what nobody wants is not sent.
@MainLoop
package final class WebRTCPeer {
    package let session: Int
    private let tap: FrameTap
    private let teardownLimit: Duration
    private let events: @MainLoop (PeerEvent) -> Void
    private let terms = PeerTerms()
    private var pipeline: PeerPipeline<VideoTee>?
    private var connections: [SignalConnection] = []
    private var channel: DataChannel?
    private var farewell: Farewell?
    private var hasFailed = false

    /// GStreamer must have been started. Close the peer before letting it go.
    package init(
        configuration: PeerConfiguration, session: Int, tap: FrameTap, events: @escaping @MainLoop (PeerEvent) -> Void
    ) throws(MediaError) {
        self.session = session
        self.tap = tap
        self.events = events
        teardownLimit = configuration.teardownLimit
        let onError = { @Sendable [weak self] complaint in
            MainLoop.post { self?.fail(PeerFailure(complaint: complaint)) }
        }
        pipeline = try PeerPipeline(configuration, onError: onError) { pipeline, _ throws(MediaError) in
            try VideoTee(in: pipeline)
        }
        if let pipeline, let webrtcbin = pipeline.webrtcbin { connect(webrtcbin, feeding: pipeline.content) }
    }

    /// Answers an offer, be it the first or one that goes on with the session.
    package func answer(_ offer: SessionDescription, video: VideoChoice) {
        guard let webrtcbin = pipeline?.webrtcbin else { return }
        guard let codec = VideoCodec(rawValue: video.codec.name.lowercased()) else {
            return fail(.refused("no codec of ours: \(video.codec.name)"))
        }
        let section = offer.sections[video.section]
        terms.agree(
            PeerTerms.Content(
                section: video.section, payloadType: video.codec.payload,
                fingerprints: offer.fingerprints(of: section)))
        if tap.expect(payloadType: video.codec.payload, of: codec, session: session) {
            tap.announceNextFrame { [weak self] in self?.emit(.firstFrame) }
        }

        // An mDNS name would leak here, or crash.
        let text = offer.droppingUnusableCandidates().description
        let applyTerms = { @Sendable [terms] in terms.apply(to: webrtcbin) }
        webrtcbin.set("set-remote-description", GST_WEBRTC_SDP_TYPE_OFFER, text, read: applyTerms) { [weak self] in
            if self?.succeeded($0) != nil { self?.emit(.offerSet) }
        }
        let silence = { @Sendable reply in SessionText.answer(silencingAllBut: video.section, in: reply) }
        webrtcbin.ask("create-answer", read: silence) { [weak self] in
            if let answer = self?.succeeded($0) { self?.complete(answer, to: offer) }
        }
    }

    package func add(_ candidate: ICECandidate, section: Int) {
        guard let webrtcbin = pipeline?.webrtcbin else { return }
        cgst_add_ice_candidate(webrtcbin.pointer, guint(section), candidate.line)
    }

    /// Sends a keepalive, if there is a channel to send it through.
    package func ping() {
        channel?.sendPing()
    }

    /// Asks with the next packet that comes, and until a keyframe did.
    package func requestKeyframe() {
        tap.wantKeyframe(session: session)
    }

    /// Hands over what is known by then; `nil` if that is nothing, or is not told within `limit`.
    package func statistics(within limit: Duration, then: @escaping @MainLoop (PeerStatistics?) -> Void) {
        guard let webrtcbin = pipeline?.webrtcbin, let source = tap.source(session: session) else { return then(nil) }
        let answer = FirstAnswer(within: limit, then)
        webrtcbin.ask("get-stats", read: { PeerStatistics(in: $0, source: source) }) { answer.give(try? $0.get()) }
    }

    /// Ends the session at once; the rest of it goes on elsewhere, until `closed`.
    package func close() {
        guard let pipeline else { return }
        self.pipeline = nil
        tap.end(session: session)
        for connection in connections { connection.cancel() }
        connections = []
        // Before webrtcbin: one that outlives it is used after it was freed (1.22).
        channel = nil
        farewell = nil
        pipeline.close(limit: teardownLimit) { [events] in
            switch $0 {
            case .overdue: events(.closingLate)
            case .done(let duration): events(.closed(after: duration))
            }
        }
    }

    // MARK: - What webrtcbin tells, on threads of its own

    private func connect(_ webrtcbin: GObjectRef<Element>, feeding tee: VideoTee) {
        let on = { (signal: String, handler: @escaping @Sendable (borrowing Emission) -> Void) in
            SignalConnection(webrtcbin, onAnyThread: signal, handler)
        }
        let emit = { @Sendable [weak self] (event: PeerEvent) in MainLoop.post { self?.emit(event) } }
        connections = [
            on("on-new-transceiver") { [terms] in
                guard let transceiver = $0.pointer(0) else { return }
                terms.apply(to: GObjectRef(sharing: OpaquePointer(transceiver)))
            },
            on("on-ice-candidate") {
                let candidate = $0.argument(1, as: String.self)
                if !candidate.isEmpty { emit(.candidate(candidate, section: $0.argument(0))) }
            },
            on("notify::ice-connection-state") { [weak self] in
                guard let state = ICEState(rawValue: $0.object.property("ice-connection-state")) else { return }
                MainLoop.post { self?.iceChanged(to: state) }
            },
            on("notify::connection-state") { [weak self, terms] in
                guard let state = ConnectionState(rawValue: $0.object.property("connection-state")) else { return }
                let webrtcbin = Element(raw: $0.object.pointer.raw)
                let isProven = state == .connected && terms.areMet(by: webrtcbin)
                let farewell = isProven ? Farewell(of: webrtcbin) { self?.fail(.closedByPeer) } : nil
                MainLoop.post { self?.connectionChanged(to: state, farewell: farewell) }
            },
            on("on-data-channel") { [weak self] in
                guard let channel = $0.pointer(0) else { return }
                let opened = DataChannel(GObjectRef(sharing: OpaquePointer(channel))) { emit(.pong) }
                MainLoop.post { self?.opened(opened) }
            },
            on("pad-added") { [tap, session, terms] in
                guard let pad = $0.pointer(0)?.assumingMemoryBound(to: GstPad.self) else { return }
                if let payloadType = terms.payloadType, tee.take(pad, payloadType: payloadType) {
                    PacketProbe.feed(tap, session: session, from: pad, to: tee)
                } else {
                    PacketProbe.drop(from: pad)
                }
            },
        ]
    }

    // MARK: - What follows from it, on the loop

    private func complete(_ answer: String, to offer: SessionDescription) {
        guard let webrtcbin = pipeline?.webrtcbin else { return }
        do {
            let text = try SessionDescription(parsing: answer)
                .adding(extension: HeaderExtension.transportWideCC, offeredIn: offer).description
            webrtcbin.set("set-local-description", GST_WEBRTC_SDP_TYPE_ANSWER, text) { [weak self] in
                if self?.succeeded($0) != nil { self?.emit(.answer(text)) }
            }
        } catch {
            fail(.refused("its answer makes no sense: \(error)"))
        }
    }

    private func iceChanged(to state: ICEState) {
        emit(.iceState(state))
        if state == .failed { fail(.iceFailed) }
    }

    /// Only a peer that has proved who it is comes to say farewell.
    private func connectionChanged(to state: ConnectionState, farewell: Farewell?) {
        guard pipeline != nil else { return }
        if let farewell {
            self.farewell = farewell
            tap.trust(session: session)
        }
        emit(.connectionState(state))
        switch state {
        case .connected: if farewell == nil { fail(.fingerprintMismatch) }
        case .failed: fail(.connectionFailed)
        case .new, .connecting, .disconnected, .closed: break
        }
    }

    private func opened(_ channel: DataChannel) {
        guard pipeline != nil else { return }
        self.channel = channel
        emit(.dataChannelOpened)
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
        emit(.failed(failure))
    }

    /// What was posted before the peer was closed is not told any more.
    private func emit(_ event: PeerEvent) {
        if pipeline != nil { events(event) }
    }
}

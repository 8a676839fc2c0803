// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling

/// One connection with a phone: answers its offers, and shows its video's packets to a tap.
///
/// No frame counts before the phone has shown the certificate that its offer announced.
@MainLoop
package final class WebRTCPeer {
    package let session: Int
    let tap: FrameTap
    private let stream: CameraStream
    private let terms = PeerTerms()
    let connection: PeerConnection<Void>
    private var restarts = PathRestarts()

    /// GStreamer must have been started. Close the peer before letting it go.
    package init(
        configuration: PeerConfiguration, session: Int, tap: FrameTap, stream: CameraStream,
        events: @escaping @MainLoop (PeerEvent) -> Void
    ) throws(MediaError) {
        self.session = session
        self.tap = tap
        self.stream = stream
        connection = try PeerConnection(configuration) { _, _ throws(MediaError) in }
        connection.events = { [weak self] in
            if $0 == .connectionState(.connected) { tap.trust(session: session) }
            if $0 == .pathFound { self?.restarts.foundPath() }
            events($0)
        }
        listen()
    }

    /// Answers an offer, the first or one that continues the session.
    package func answer(_ negotiation: Negotiation) {
        guard let webrtcbin = connection.webrtcbin else { return }
        let video = negotiation.video
        connection.proof.expect(negotiation.fingerprints)
        terms.agree(PeerTerms.Content(section: video.section, payloadType: video.codec.payload))
        if tap.expect(payloadType: video.codec.payload, of: video.kind, session: session) {
            tap.announceFirst(of: session) { [weak connection] in connection?.emit(.firstFrame) }
            stream.begin(session: session) { [tap, session] in tap.wantKeyframe(session: session) }
        }

        var dice = SystemRandomNumberGenerator()
        let agent = ICEAgent(of: webrtcbin.pointer).flatMap { restarts.take(negotiation, dice: &dice) ? $0 : nil }
        agent?.restart()
        let applyTerms = { @Sendable [terms] in terms.apply(to: webrtcbin) }
        connection.set("set-remote-description", GST_WEBRTC_SDP_TYPE_OFFER, negotiation.offer, read: applyTerms) {
            [weak connection] in
            connection?.emit(.remoteDescriptionSet)
        }
        connection.create("create-answer", read: { SessionText.text(of: "answer", in: $0) }) { [weak self] in
            self?.complete(negotiation, with: $0, sending: agent?.candidates ?? [])
        }
    }

    package func add(_ candidate: ICECandidate, section: Int) { connection.add(candidate, section: section) }

    /// Sends a keepalive, if there is a channel to send it through.
    package func ping() { connection.channel?.sendPing() }

    /// Ends the session at once; the teardown goes on elsewhere, until `closed`.
    package func close() {
        tap.end(session: session)
        stream.end(session: session)
        connection.close()
    }

    /// What webrtcbin tells, on threads of its own.
    private func listen() {
        connection.on("on-new-transceiver") { [terms] in
            guard let transceiver = $0.pointer(0) else { return }
            terms.apply(to: GObjectRef(sharing: OpaquePointer(transceiver)))
        }
        connection.on("on-data-channel") { [weak connection] in
            guard let channel = $0.pointer(0) else { return }
            let opened = DataChannel(GObjectRef(sharing: OpaquePointer(channel))) { connection?.emit(.pong) }
            MainLoop.post {
                connection?.keep(opened)
                connection?.emit(.dataChannelOpened)
            }
        }
        connection.on("pad-added") { [tap, stream, session, weak connection] in
            guard let pad = $0.pointer(0)?.assumingMemoryBound(to: GstPad.self) else { return }
            let report = { @Sendable fault in MainLoop.post { connection?.emit(.streamFault(fault)) } }
            if let inlet = StreamInlet(behind: pad, to: stream, session: session, report: report) {
                tap.feed(from: pad, session: session, to: inlet)
            } else {
                // Packets that nobody takes would be an error.
                PadProbe.add(to: pad, on: PadProbe.packets) { _, _ in GST_PAD_PROBE_DROP }
            }
        }
    }

    private func complete(_ negotiation: Negotiation, with text: String, sending candidates: [String]) {
        guard let answer = restarts.answer(to: negotiation, made: text) else {
            return connection.fail(.refused("webrtcbin's answer does not fit the offer"))
        }
        connection.set("set-local-description", GST_WEBRTC_SDP_TYPE_ANSWER, answer.local) { [weak connection] in
            connection?.emit(.localDescription(answer.remote))
            for candidate in candidates { connection?.emit(.candidate(candidate, section: 0)) }
        }
    }
}

extension FrameTap {
    /// Looks at all packets of a pad and asks for keyframes; video passes on while somebody wants frames.
    fileprivate func feed(from pad: Pad, session: Int, to inlet: StreamInlet) {
        PadProbe.add(to: pad, on: PadProbe.packets) { pad, info in
            var isVideo = false
            info.forEachBuffer { buffer in
                guard case .video(let sent, let needsKeyframe) = buffer.withBytes({ self.take($0, session: session) })
                else { return }
                isVideo = true
                if needsKeyframe { KeyframeRequest.send(from: pad) }
                if inlet.isWanted { inlet.note(buffer, sent: sent) }
            }
            return isVideo && inlet.admitPackets(from: pad) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP
        }
    }
}

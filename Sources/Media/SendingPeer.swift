// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling

/// One connection of our own camera: offers like a phone, and sends a source's frames while told to.
///
/// No frame is sent to a viewer that has not shown the certificate that its answer announced.
@MainLoop
package final class SendingPeer {
    private let feed: FrameFeed
    private let connection: PeerConnection<SendingParts>

    /// GStreamer must have been started. Close the peer before letting it go.
    package init(
        configuration: PeerConfiguration, source: VideoSource, sound: Sound,
        events: @escaping @MainLoop (PeerEvent) -> Void
    ) throws(MediaError) {
        feed = source.feed
        connection = try PeerConnection(configuration) { pipeline, webrtcbin throws(MediaError) in
            try SendingParts(in: pipeline, before: webrtcbin, video: source.settings.codec, sound: sound)
        }
        let video = connection.content.video
        connection.events = { [feed] in
            if case .failed = $0 { feed.close(video) }
            events($0)
        }
        // A viewer's request for a keyframe travels up to here.
        KeyframeRequest.handle(at: video.pointer) { [feed] in feed.requestKeyframe() }
        openChannel()
        offer()
    }

    /// Takes the answer to its offer.
    package func take(_ answer: SessionDescription) {
        connection.proof.expect(answer.sections.flatMap(answer.fingerprints(of:)))
        connection.set("set-remote-description", GST_WEBRTC_SDP_TYPE_ANSWER, answer.description) { [weak connection] in
            connection?.emit(.remoteDescriptionSet)
        }
    }

    package func add(_ candidate: ICECandidate, section: Int) { connection.add(candidate, section: section) }

    /// To be called once connected: takes the source's frames over from whichever peer had them.
    package func startFrames() {
        if connection.isProven { feed.open(into: connection.content.video) }
    }

    /// Stops sending frames, but stays connected.
    package func stopFrames() { feed.close(connection.content.video) }

    /// Ends the connection at once; the teardown goes on elsewhere, until `closed`.
    package func close() {
        stopFrames()
        connection.close()
    }

    /// As phones do, before they offer.
    private func openChannel() {
        guard let webrtcbin = connection.webrtcbin,
            let channel = cgst_create_data_channel(webrtcbin.pointer, "keepalive")
        else {
            return MainLoop.post { [weak connection] in
                connection?.fail(.pipeline(Fault(of: .source, "there is no data channel")))
            }
        }
        connection.keep(
            DataChannel(GObjectRef(adopting: channel)) { [weak connection] in connection?.emit(.pong) })
    }

    private func offer() {
        connection.create("create-offer", read: { SessionText.text(of: "offer", in: $0) }) { [weak connection] text in
            connection?.set("set-local-description", GST_WEBRTC_SDP_TYPE_OFFER, text) {
                connection?.emit(.localDescription(text))
            }
        }
    }
}

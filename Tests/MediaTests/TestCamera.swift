// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling
import Synchronization

@testable import Media

/// A phone as far as media goes: webrtcbin with a test picture, which offers.
@MainLoop
final class TestCamera {
    enum Event: Equatable, Sendable {
        case offer(String)
        case candidate(String, section: Int)
        /// What came through the data channel.
        case message([UInt8])
    }

    var events: @MainLoop (Event) -> Void = { _ in }
    private let pipeline: Element
    private let webrtcbin: GObjectRef<Element>
    private var connections: [SignalConnection] = []
    private let change = Change()
    private var channel: GObjectRef<OpaquePointer>?
    /// Since its last ICE restart.
    private var credentials: ICECredentials?

    private static let size = "video/x-raw,width=160,height=120,framerate=30/1"
    /// Whichever its codec, it is one stream of packets, the first of which has the number `first`.
    private static func video(_ codec: VideoCodec, payload: Int, from first: Int = 0) -> String {
        let encoder =
            switch codec {
            case .h264:
                "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=3000 ! video/x-h264,profile=constrained-baseline"
                    + " ! rtph264pay aggregate-mode=zero-latency config-interval=-1"
            case .vp8: "vp8enc deadline=1 keyframe-max-dist=3000 ! rtpvp8pay picture-id-mode=15-bit"
            }
        let name = codec.rawValue.uppercased()
        return "videotestsrc is-live=true pattern=ball ! \(size) ! \(encoder)"
            + " name=payloader\(payload) ssrc=1234 timestamp-offset=0 seqnum-offset=\(first)"
            + " ! capsfilter caps=application/x-rtp,media=video,encoding-name=\(name),payload=\(payload)"
    }
    private static let audio =
        "audiotestsrc is-live=true ! opusenc ! rtpopuspay"
        + " ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111 ! webrtcbin."

    /// `codec` is offered once it plays; with sound, that is the first section.
    init(_ codec: VideoCodec, withAudio: Bool = false, withDataChannel: Bool = false) throws(MediaError) {
        try GStreamer.start()
        let video = TestCamera.video(codec, payload: 96) + " ! funnel name=video ! webrtcbin."
        let sources = (withAudio ? [TestCamera.audio] : []) + [video]
        let description =
            "webrtcbin name=webrtcbin bundle-policy=max-bundle latency=0 " + sources.joined(separator: " ")
        guard let pipeline = gst_parse_launch(description, nil),
            let webrtcbin = gst_bin_get_by_name(pipeline.raw.assumingMemoryBound(to: GstBin.self), "webrtcbin")
        else { throw .missingElements([description]) }
        gst_object_ref_sink(pipeline)
        self.pipeline = pipeline
        self.webrtcbin = GObjectRef(adopting: webrtcbin)
        connect(withDataChannel: withDataChannel)
        gst_element_set_state(pipeline, GST_STATE_PLAYING)
    }

    func take(answer: String) {
        webrtcbin.set("set-remote-description", GST_WEBRTC_SDP_TYPE_ANSWER, answer) { [change] _ in
            change.advance(from: .offered, to: .none)
        }
    }

    /// Offers another codec on the same connection, and sends that once it is answered.
    func change(to codec: VideoCodec) throws(MediaError) {
        let (payloader, video) = (try pipeline.part(named: "payloader96"), try pipeline.part(named: "video"))
        payloader.pointer.withPad("src") { PadProbe.add(to: $0, on: PadProbe.packets) { _, _ in GST_PAD_PROBE_DROP } }
        change.advance(from: .none, to: .begun)
        video.pointer.withPad("src") {
            PadProbe.add(to: $0, on: PadProbe.packets) { [change, weak self] _, info in
                // Its caps went ahead of its first packet.
                info.forEachBuffer { packet in
                    guard packet.withBytes({ $0[1] & 0x7F }) == 97, change.advance(from: .begun, to: .offered) else {
                        return
                    }
                    MainLoop.post { self?.offer() }
                }
                return change.isOver ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP
            }
        }
        let next = payloader.property("seqnum", as: Int.self) + 1
        let branch = try Element.bin(TestCamera.video(codec, payload: 97, from: next))
        pipeline.add(branch.pointer)
        gst_element_link(branch.pointer, video.pointer)
        gst_element_sync_state_with_parent(branch.pointer)
    }

    func add(candidate: String, section: Int) {
        cgst_add_ice_candidate(webrtcbin.pointer, guint(section), candidate)
    }

    func send(_ bytes: [UInt8]) {
        guard let channel else { return }
        let data = g_bytes_new(bytes, gsize(bytes.count))
        gst_webrtc_data_channel_send_data_full(channel.pointer, data, nil)
        g_bytes_unref(data)
    }

    /// Ends DTLS, as a phone does that closes its connection; webrtcbin does not.
    func sayFarewell() {
        let iterator = gst_bin_iterate_all_by_element_factory_name(
            pipeline.raw.assumingMemoryBound(to: GstBin.self), "dtlsenc")
        defer { gst_iterator_free(iterator) }
        gst_iterator_foreach(
            iterator,
            { encoder, _ in
                let element = g_value_get_object(encoder)?.assumingMemoryBound(to: GstElement.self)
                guard let sink = gst_element_get_static_pad(element, "sink") else { return }
                gst_pad_send_event(sink, gst_event_new_eos())
                gst_object_unref(sink)
            }, nil)
    }

    func close() async {
        for connection in connections { connection.cancel() }
        connections = []
        channel = nil
        let pipeline = GObjectRef(adopting: pipeline)
        await withCheckedContinuation { continuation in
            let work = { @Sendable [webrtcbin] in
                webrtcbin.finishAnswering()
                _ = gst_element_set_state(pipeline.pointer, GST_STATE_NULL)
            }
            Teardown.begin(limit: .seconds(10), work) { _ in continuation.resume() }
        }
    }

    private func connect(withDataChannel: Bool) {
        let ice = webrtcbin.object("ice-agent", as: OpaquePointer.self)
        if let ice { _ = cgst_accepts(ice.pointer.raw, "add-local-ip-address", "127.0.0.1") }
        let agent = ice?.object("agent", as: OpaquePointer.self)
        agent?.pointer.set("upnp", "false")
        agent?.pointer.set("ice-tcp", "false")
        if withDataChannel {
            gst_element_set_state(pipeline, GST_STATE_READY)
            open(cgst_create_data_channel(webrtcbin.pointer, "keepalive"))
        }
        connections += [
            SignalConnection(webrtcbin, onAnyThread: "on-negotiation-needed") { [weak self] _ in
                MainLoop.post { self?.offer() }
            },
            SignalConnection(webrtcbin, onAnyThread: "on-ice-candidate") { [weak self] in
                let event = Event.candidate($0.argument(1), section: $0.argument(0))
                MainLoop.post { self?.events(event) }
            },
        ]
    }

    private func open(_ created: OpaquePointer?) {
        guard let created else { return }
        let channel = GObjectRef(adopting: created)
        self.channel = channel
        connections.append(
            SignalConnection(channel, onAnyThread: "on-message-data") { [weak self] in
                guard let data = $0.pointer(0) else { return }
                let event = Event.message(Array(bytes: OpaquePointer(data)))
                MainLoop.post { self?.events(event) }
            })
    }

    /// Offers, for the first time or once more, or to restart ICE.
    func offer(restartingICE restarts: Bool = false) {
        let read = { @Sendable reply in SessionText.text(of: "offer", in: reply) }
        webrtcbin.ask("create-offer", read: read) { [weak self] in
            guard let self, let text = try? $0.get() else { return }
            let agent = restarts ? ICEAgent(of: webrtcbin.pointer) : nil
            agent?.restart()
            let offer = text.named(renewed(if: restarts))
            webrtcbin.set("set-local-description", GST_WEBRTC_SDP_TYPE_OFFER, offer) { _ in }
            events(.offer(offer))
            for candidate in agent?.candidates ?? [] { events(.candidate(candidate, section: 0)) }
        }
    }

    private func renewed(if isRestart: Bool) -> ICECredentials? {
        var dice = SystemRandomNumberGenerator()
        if isRestart { credentials = ICECredentials(dice: &dice) }
        return credentials
    }
}

extension String {
    /// A description with these credentials, if any, in place of its own.
    fileprivate func named(_ credentials: ICECredentials?) -> String {
        guard let credentials, let description = try? SessionDescription(parsing: self) else { return self }
        return description.named(credentials).description
    }
}

/// How far a change of codec has come.
private final class Change: Sendable {
    enum Stage {
        case none, begun, offered
    }

    private let stage = Mutex(Stage.none)

    var isOver: Bool { stage.withLock { $0 == .none } }

    /// False if it is not there.
    @discardableResult
    func advance(from: Stage, to: Stage) -> Bool {
        stage.withLock {
            guard $0 == from else { return false }
            $0 = to
            return true
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Synchronization
import Timing

typealias Element = UnsafeMutablePointer<GstElement>

/// A playing pipeline with one webrtcbin in it, until it is closed.
@MainLoop
final class PeerPipeline<Content> {
    private(set) var webrtcbin: GObjectRef<Element>?
    /// What stands beside webrtcbin.
    let content: Content
    private let pipeline: LastReference
    private let core: CameraCore

    /// `furnish` adds what else belongs into the pipeline before it plays. `onError` is told what an element complains
    /// of, on that element's thread.
    init(
        _ configuration: PeerConfiguration, onError: @escaping @Sendable (String) -> Void,
        furnish: (_ pipeline: Element, _ webrtcbin: Element) throws(MediaError) -> Content
    ) throws(MediaError) {
        let core = CameraCore()
        self.core = core
        // Some of webrtcbin's threads begin as it is made.
        (webrtcbin, content, pipeline) = try core.run { () throws(MediaError) in
            guard let webrtcbin = gst_element_factory_make("webrtcbin", nil), let pipeline = gst_pipeline_new(nil)
            else {
                throw .missingElements(["webrtcbin"])
            }
            let (bin, owned) = (GObjectRef(retaining: webrtcbin), LastReference(GObjectRef(retaining: pipeline)))
            gst_bin_add(pipeline.raw.assumingMemoryBound(to: GstBin.self), webrtcbin)
            PeerPipeline.watchMessages(of: pipeline, adopting: core, onError: onError)
            PeerPipeline.configure(webrtcbin, configuration)
            do throws(MediaError) {
                let content = try furnish(pipeline, webrtcbin)
                gst_element_set_state(pipeline, GST_STATE_PLAYING)
                return (bin, content, owned)
            } catch {
                owned.tearDown()
                throw error
            }
        }
    }

    isolated deinit {
        precondition(webrtcbin == nil, "a peer must be closed before it is let go")
    }

    /// Tears it down on a thread of its own, since that can take long or hang.
    func close(limit: Duration, report: @escaping @MainLoop (Teardown.Progress) -> Void) {
        guard let webrtcbin = webrtcbin.take() else { return }
        let work = { @Sendable [pipeline] in
            // What it is still at would look into what is being freed (1.22), and leave its promise unkept.
            webrtcbin.finishAnswering()
            pipeline.tearDown()
        }
        Teardown.begin(limit: limit, work, report: report)
    }

    private static func configure(_ webrtcbin: Element, _ configuration: PeerConfiguration) {
        webrtcbin.set("bundle-policy", "max-bundle")
        webrtcbin.set("latency", "\(Int(configuration.latency / .milliseconds(1)))")
        if let server = configuration.stunServer { webrtcbin.set("stun-server", server) }
        for server in configuration.turnServers { _ = cgst_accepts(webrtcbin, "add-turn-server", server) }

        guard let ice = GObjectRef(retaining: webrtcbin).part("ice-agent") else { return }
        for address in configuration.localAddresses {
            _ = cgst_accepts(ice.pointer.raw, "add-local-ip-address", address)
        }
        // Other ICE stacks than libnice have no such agent.
        guard let agent = ice.part("agent") else { return }
        // A thread, multicasts and 200 ms for each gathering.
        agent.pointer.set("upnp", "false")
        // Listeners on every address; what is behind such a firewall needs TURN anyway.
        agent.pointer.set("ice-tcp", "false")
        // A peer that died is then found to have failed after 45 s, in case that nobody watches its frames.
        agent.pointer.set("keepalive-conncheck", "true")
    }

    /// Errors go to `onError`; each streaming thread is moved to `core` as it begins.
    private nonisolated static func watchMessages(
        of pipeline: Element, adopting core: CameraCore, onError: @escaping @Sendable (String) -> Void
    ) {
        PipelineMessages.handle(of: pipeline) { message in
            if let complaint = message.complaint { return onError(complaint) }
            guard cgst_message_type(message) == GST_MESSAGE_STREAM_STATUS else { return }
            // Threads of a pool were made elsewhere, with other settings.
            var status = GST_STREAM_STATUS_TYPE_CREATE
            gst_message_parse_stream_status(message, &status, nil)
            if status == GST_STREAM_STATUS_TYPE_ENTER { core.adopt() }
        }
    }
}

/// The reference that keeps a pipeline until it is torn down, wherever that happens.
final class LastReference: Sendable {
    private let content: Mutex<GObjectRef<Element>?>

    init(_ pipeline: GObjectRef<Element>) {
        content = Mutex(pipeline)
    }

    /// In the order that neither leaks nor crashes; webrtcbin dies on this thread.
    func tearDown() {
        guard let pipeline = content.withLock({ $0.take() }) else { return }
        let bus = gst_element_get_bus(pipeline.pointer)
        gst_bus_set_sync_handler(bus, nil, nil, nil)
        gst_bus_set_flushing(bus, 1)
        gst_element_set_state(pipeline.pointer, GST_STATE_NULL)
        gst_object_unref(bus)
    }
}

extension GObjectPointer {
    /// Sets a property from its text, if this version has it.
    func set(_ property: String, _ value: String) {
        gst_util_set_object_arg(raw.assumingMemoryBound(to: GObject.self), property, value)
    }
}

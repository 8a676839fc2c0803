// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop

/// An event that travels from who shows pictures to who encodes them; on the wire it is a PLI.
enum KeyframeRequest {
    private typealias Handler = UserData<@Sendable () -> Void>
    private static let name = "GstForceKeyUnit"

    /// Has an encoder's next frame be a keyframe. For any thread.
    static func send(to encoder: Element) {
        guard let pad = gst_element_get_static_pad(encoder, "src") else { return }
        let request = gst_structure_from_string("\(name),all-headers=(boolean)true", nil)
        gst_pad_send_event(pad, gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, request))
        gst_object_unref(pad)
    }

    /// Calls `handler`, on any thread, with each request that reaches `source`.
    static func handle(at source: Element, _ handler: @escaping @Sendable () -> Void) {
        guard let pad = gst_element_get_static_pad(source, "src") else { return }
        gst_pad_add_probe(
            pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
            { _, info, handler in
                let event = gst_pad_probe_info_get_event(info)
                if gst_event_has_name(event, KeyframeRequest.name) != 0 { Handler.value(of: handler)() }
                return GST_PAD_PROBE_OK
            }, Handler.retain(handler), releaseUserData)
        gst_object_unref(pad)
    }
}

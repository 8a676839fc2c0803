// SPDX-License-Identifier: Apache-2.0

import CGStreamer

/// An event that travels upstream from whoever shows pictures to whoever encodes them; a PLI on the wire.
enum KeyframeRequest {
    private static let name = "GstForceKeyUnit"

    /// Sends one up from this pad. For any thread.
    static func send(from pad: Pad) {
        // With all headers it would be an FIR.
        let request = gst_structure_from_string("\(name),all-headers=(boolean)false", nil)
        gst_pad_send_event(pad, gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, request))
    }

    /// Calls `handler`, on any thread, with each request that reaches `source`.
    static func handle(at source: Element, _ handler: @escaping @Sendable () -> Void) {
        source.withPad("src") {
            PadProbe.add(to: $0, on: GST_PAD_PROBE_TYPE_EVENT_UPSTREAM) { _, info in
                if gst_event_has_name(gst_pad_probe_info_get_event(info), name) != 0 { handler() }
                return GST_PAD_PROBE_OK
            }
        }
    }
}

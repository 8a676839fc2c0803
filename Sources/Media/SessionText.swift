// SPDX-License-Identifier: Apache-2.0

import CGStreamer

/// The descriptions that webrtcbin makes.
enum SessionText {
    /// The text of an `offer` or `answer`.
    static func text(of kind: String, in reply: UnsafePointer<GstStructure>?) -> String {
        guard let reply, let value = gst_structure_get_value(reply, kind),
            let description = g_value_get_boxed(value)?.assumingMemoryBound(to: GstWebRTCSessionDescription.self),
            let text = gst_sdp_message_as_text(description.pointee.sdp)
        else { return "" }
        defer { g_free(text) }
        return String(cString: text)
    }
}

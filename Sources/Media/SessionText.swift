// SPDX-License-Identifier: Apache-2.0

import CGStreamer

/// The descriptions that webrtcbin makes.
enum SessionText {
    private static let directions: Set = ["sendrecv", "sendonly", "recvonly", "inactive"]

    /// The text of an `offer` or `answer`.
    static func text(of kind: String, in reply: UnsafePointer<GstStructure>?) -> String {
        description(kind, in: reply).map(text) ?? ""
    }

    /// The text of an answer in which no section of media but one asks for anything: webrtcbin heeds a transceiver's
    /// direction only from its second answer on.
    static func answer(silencingAllBut section: Int, in reply: UnsafePointer<GstStructure>?) -> String {
        guard let sdp = description("answer", in: reply) else { return "" }
        for index in 0..<gst_sdp_message_medias_len(sdp) where index != section {
            silence(UnsafeMutablePointer(mutating: gst_sdp_message_get_media(sdp, index)))
        }
        return text(sdp)
    }

    private static func silence(_ media: UnsafeMutablePointer<GstSDPMedia>?) {
        for index in (0..<gst_sdp_media_attributes_len(media)).reversed() {
            guard let name = gst_sdp_media_get_attribute(media, index).pointee.key,
                directions.contains(String(cString: name))
            else { continue }
            gst_sdp_media_remove_attribute(media, index)
            gst_sdp_media_add_attribute(media, "inactive", nil)
        }
    }

    private static func description(
        _ kind: String, in reply: UnsafePointer<GstStructure>?
    ) -> UnsafeMutablePointer<GstSDPMessage>? {
        guard let reply, let value = gst_structure_get_value(reply, kind) else { return nil }
        return g_value_get_boxed(value)?.assumingMemoryBound(to: GstWebRTCSessionDescription.self).pointee.sdp
    }

    private static func text(_ sdp: UnsafeMutablePointer<GstSDPMessage>) -> String {
        guard let text = gst_sdp_message_as_text(sdp) else { return "" }
        defer { g_free(text) }
        return String(cString: text)
    }
}

// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop

/// Shows a pad's packets to a tap and drops them: nobody else wants them yet.
enum PacketProbe {
    private typealias Feed = UserData<@Sendable (UnsafeMutablePointer<GstPad>, UnsafeMutablePointer<GstBuffer>) -> Void>

    static func attach(to pad: UnsafeMutablePointer<GstPad>, feeding tap: FrameTap, session: Int) {
        let feed = Feed.retain { pad, buffer in
            if buffer.withBytes({ tap.take($0, session: session) }) { requestKeyframe(from: pad) }
        }
        gst_pad_add_probe(
            pad, GstPadProbeType(GST_PAD_PROBE_TYPE_BUFFER.rawValue | GST_PAD_PROBE_TYPE_BUFFER_LIST.rawValue),
            { pad, info, feed in
                guard let pad, let info else { return GST_PAD_PROBE_OK }
                let take = Feed.value(of: feed)
                if info.pointee.type.rawValue & GST_PAD_PROBE_TYPE_BUFFER.rawValue != 0 {
                    if let buffer = cgst_probed_buffer(info) { take(pad, buffer) }
                } else if let list = cgst_probed_list(info) {
                    for index in 0..<gst_buffer_list_length(list) {
                        if let buffer = gst_buffer_list_get(list, index) { take(pad, buffer) }
                    }
                }
                return GST_PAD_PROBE_DROP
            }, feed, releaseUserData)
    }

    /// Becomes a PLI on its way up.
    private static func requestKeyframe(from pad: UnsafeMutablePointer<GstPad>) {
        let request = gst_structure_from_string("GstForceKeyUnit,all-headers=(boolean)false", nil)
        gst_pad_send_event(pad, gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, request))
    }
}

extension UnsafeMutablePointer<GstBuffer> {
    fileprivate func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var map = GstMapInfo()
        guard gst_buffer_map(self, &map, GST_MAP_READ) != 0 else {
            return body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        defer { gst_buffer_unmap(self, &map) }
        return body(UnsafeRawBufferPointer(start: map.data, count: Int(map.size)))
    }
}

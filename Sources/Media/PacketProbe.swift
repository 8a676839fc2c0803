// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop

/// Looks at the packets of a pad.
enum PacketProbe {
    private static let data = GstPadProbeType(
        GST_PAD_PROBE_TYPE_BUFFER.rawValue | GST_PAD_PROBE_TYPE_BUFFER_LIST.rawValue)
    private typealias Pad = UnsafeMutablePointer<GstPad>
    private typealias Feed = UserData<@Sendable (Pad, UnsafeMutablePointer<GstPadProbeInfo>) -> GstPadProbeReturn>

    /// Drops all: what nobody takes would be an error.
    static func drop(from pad: UnsafeMutablePointer<GstPad>) {
        gst_pad_add_probe(pad, data, { _, _, _ in GST_PAD_PROBE_DROP }, nil, nil)
    }

    /// Shows all to a tap, asks for keyframes in its name, and lets them go on to the tee while that has branches.
    static func feed(_ tap: FrameTap, session: Int, from pad: UnsafeMutablePointer<GstPad>, to tee: VideoTee) {
        let feed = Feed.retain { pad, info in
            info.forEachBuffer { buffer in
                if buffer.withBytes({ tap.take($0, session: session) }) { requestKeyframe(from: pad) }
            }
            return tee.isWanted ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP
        }
        gst_pad_add_probe(
            pad, data,
            { pad, info, feed in
                guard let pad, let info else { return GST_PAD_PROBE_OK }
                return Feed.value(of: feed)(pad, info)
            }, feed, releaseUserData)
    }

    /// Becomes a PLI on its way up.
    private static func requestKeyframe(from pad: UnsafeMutablePointer<GstPad>) {
        let request = gst_structure_from_string("GstForceKeyUnit,all-headers=(boolean)false", nil)
        gst_pad_send_event(pad, gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, request))
    }
}

extension UnsafeMutablePointer<GstPadProbeInfo> {
    fileprivate func forEachBuffer(_ body: (UnsafeMutablePointer<GstBuffer>) -> Void) {
        if pointee.type.rawValue & GST_PAD_PROBE_TYPE_BUFFER.rawValue != 0 {
            cgst_probed_buffer(self).map(body)
        } else if let list = cgst_probed_list(self) {
            for index in 0..<gst_buffer_list_length(list) { gst_buffer_list_get(list, index).map(body) }
        }
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

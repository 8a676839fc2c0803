// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop

typealias Pad = UnsafeMutablePointer<GstPad>

/// Looks at what passes through a pad, on the thread that carries it.
enum PadProbe {
    typealias Info = UnsafeMutablePointer<GstPadProbeInfo>
    private typealias Handler = UserData<@Sendable (Pad, Info) -> GstPadProbeReturn>

    static let packets = GstPadProbeType(
        GST_PAD_PROBE_TYPE_BUFFER.rawValue | GST_PAD_PROBE_TYPE_BUFFER_LIST.rawValue)

    /// `handler` decides what may pass, for as long as the pad lives.
    static func add(
        to pad: Pad, on what: GstPadProbeType, _ handler: @escaping @Sendable (Pad, Info) -> GstPadProbeReturn
    ) {
        gst_pad_add_probe(
            pad, what,
            { pad, info, handler in
                guard let pad, let info else { return GST_PAD_PROBE_OK }
                return Handler.value(of: handler)(pad, info)
            }, Handler.retain(handler), releaseUserData)
    }
}

extension Element {
    /// Calls `use` with one of the pads that this element always has.
    @discardableResult
    func withPad<Result>(_ name: String, _ use: (Pad) -> Result) -> Result? {
        guard let pad = gst_element_get_static_pad(self, name) else { return nil }
        defer { gst_object_unref(pad) }
        return use(pad)
    }
}

extension PadProbe.Info {
    func forEachBuffer(_ body: (UnsafeMutablePointer<GstBuffer>) -> Void) {
        if pointee.type.rawValue & GST_PAD_PROBE_TYPE_BUFFER.rawValue != 0 {
            cgst_probed_buffer(self).map(body)
        } else if let list = cgst_probed_list(self) {
            for index in 0..<gst_buffer_list_length(list) { gst_buffer_list_get(list, index).map(body) }
        }
    }
}

extension UnsafeMutablePointer<GstBuffer> {
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var map = GstMapInfo()
        guard gst_buffer_map(self, &map, GST_MAP_READ) != 0 else {
            return body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        defer { gst_buffer_unmap(self, &map) }
        return body(UnsafeRawBufferPointer(start: map.data, count: Int(map.size)))
    }
}

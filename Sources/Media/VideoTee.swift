// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop

/// The video's packets, for as many branches as want them; to begin with, none does.
///
/// A branch begins with a depayloader of its own, before its leaky queue: whole frames are dropped then, not packets.
final class VideoTee: Sendable {
    let element: GObjectRef<Element>

    /// Becomes a part of `pipeline`.
    init(in pipeline: Element) throws(MediaError) {
        guard let tee = gst_element_factory_make("tee", nil) else { throw .missingElements(["tee"]) }
        element = GObjectRef(retaining: tee)
        tee.set("allow-not-linked", "true")
        pipeline.add(tee)
    }

    /// Whether there is a branch. A glance without a lock: a packet more or less is no matter.
    var isWanted: Bool { element.pointer.pointee.numsrcpads > 0 }

    /// Takes over from the pad before, if `pad` carries the video; false if it does not.
    func take(_ pad: Pad, payloadType: Int) -> Bool {
        guard pad.payloadType == payloadType, let sink = gst_element_get_static_pad(element.pointer, "sink") else {
            return false
        }
        defer { gst_object_unref(sink) }
        if let earlier = gst_pad_get_peer(sink) {
            gst_pad_unlink(earlier, sink)
            gst_object_unref(earlier)
        }
        return gst_pad_link(pad, sink) == GST_PAD_LINK_OK
    }
}

extension Pad {
    fileprivate var payloadType: Int? {
        guard let caps = gst_pad_get_current_caps(self) else { return nil }
        defer { gst_caps_unref(caps) }
        var number: gint = 0
        return gst_structure_get_int(gst_caps_get_structure(caps, 0), "payload", &number) != 0 ? Int(number) : nil
    }
}

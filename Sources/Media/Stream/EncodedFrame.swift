// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import Signaling

/// One encoded picture on its way from a camera to whoever wants it. Its bytes are shared, and nobody changes them.
package struct EncodedFrame: QueuedFrame {
    let buffer: MiniObject<GstBuffer>
    let caps: MiniObject<GstCaps>
    package let format: StreamFormat
    package let isKeyframe: Bool
    /// In bytes.
    package let size: Int
    /// The sender's time, in 1/90,000 s from anywhere, where the source knows it; in an output it is the buffer's offset.
    package let sent: UInt32?
    /// Since the camera's first frame, through all its sessions.
    package let time: Duration
}

/// What a decoder must know to take frames; with others than these it begins anew, and so from a keyframe.
///
/// All else that caps may say (frame rate, colours, level) can come later or change, and a decoder reads it in the frames.
package struct StreamFormat: Equatable, Sendable {
    package let codec: VideoCodec
    package let width: Int
    package let height: Int
    package let profile: String
}

extension StreamFormat {
    init(_ caps: UnsafePointer<GstCaps>, of codec: VideoCodec) {
        let structure = gst_caps_get_structure(caps, 0)
        var (width, height): (gint, gint) = (0, 0)
        gst_structure_get_int(structure, "width", &width)
        gst_structure_get_int(structure, "height", &height)
        let profile = gst_structure_get_string(structure, "profile").map { String(cString: $0) }
        self.init(codec: codec, width: Int(width), height: Int(height), profile: profile ?? "")
    }
}

/// Owns one reference to a buffer, caps or another of GStreamer's small objects.
// Sendable, since references are counted atomically, the pointer never changes, and what is shared is not written to.
final class MiniObject<Content>: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Content>

    /// Takes a reference of its own.
    init(retaining pointer: UnsafeMutablePointer<Content>) {
        gst_mini_object_ref(UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: GstMiniObject.self))
        self.pointer = pointer
    }

    deinit {
        gst_mini_object_unref(UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: GstMiniObject.self))
    }
}

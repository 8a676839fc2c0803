// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling
import Synchronization
import Timing

@testable import Media

/// What came out at the end of an output, pipeline by pipeline.
final class Recorder: Sendable {
    struct Frame: Equatable, Sendable {
        let pipeline: Int
        let time: UInt64
        let arrived: Instant
        let isKeyframe: Bool
        let format: String
    }

    private struct State {
        var frames: [Frame] = []
        var pipelines = 0
        var waiting: (count: Int, resume: @Sendable () -> Void)?
    }

    private let state = Mutex(State())

    var frames: [Frame] { state.withLock(\.frames) }

    /// An output that counts what it is given, as it came.
    func counting(_ name: String = "counting") -> OutputRecipe {
        OutputRecipe(name) { _ in
            "fakesink name=sink sync=false async=false"
        } furnish: { [self] pipeline throws(MediaError) in
            try listen(pipeline)
        }
    }

    /// An output that decodes what it is given.
    func decoding() -> OutputRecipe {
        OutputRecipe("decoding") { format in
            let decoder =
                switch format.codec {
                case .h264: "h264parse ! openh264dec"
                case .vp8: "vp8dec"
                }
            return "\(decoder) ! fakesink name=sink sync=false async=false"
        } furnish: { [self] pipeline throws(MediaError) in
            try listen(pipeline)
        }
    }

    func listen(_ pipeline: Element) throws(MediaError) {
        let number = state.withLock {
            $0.pipelines += 1
            return $0.pipelines
        }
        try pipeline.part(named: "sink").pointer.withPad("sink") {
            PadProbe.add(to: $0, on: GST_PAD_PROBE_TYPE_BUFFER) { [self] pad, info in
                info.forEachBuffer { note($0, at: pad, pipeline: number) }
                return GST_PAD_PROBE_OK
            }
        }
    }

    private func note(_ buffer: UnsafeMutablePointer<GstBuffer>, at pad: Pad, pipeline: Int) {
        guard let caps = gst_pad_get_current_caps(pad), let structure = gst_caps_get_structure(caps, 0) else { return }
        defer { gst_caps_unref(caps) }
        var (width, height): (gint, gint) = (0, 0)
        gst_structure_get_int(structure, "width", &width)
        gst_structure_get_int(structure, "height", &height)
        let format = "\(String(cString: gst_structure_get_name(structure))) \(width)x\(height)"
        let frame = Frame(
            pipeline: pipeline, time: UInt64(buffer.pointee.pts), arrived: MainLoop.now,
            isKeyframe: cgst_is_keyframe(buffer) != 0,
            format: format)
        let resume = state.withLock { state -> (@Sendable () -> Void)? in
            state.frames.append(frame)
            guard let waiting = state.waiting, waiting.count <= state.frames.count else { return nil }
            state.waiting = nil
            return waiting.resume
        }
        resume?()
    }

    /// Returns once `count` more frames have come out.
    func more(_ count: Int) async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiting = ($0.frames.count + count, { continuation.resume() }) }
        }
    }
}

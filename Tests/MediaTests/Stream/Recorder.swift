// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import Glibc
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
        let format: String
        let given: Given
    }

    /// What a pipeline was given, which may come out decoded.
    struct Given: Equatable, Sendable {
        let isKeyframe: Bool
        let sent: UInt32
    }

    private struct State {
        var frames: [Frame] = []
        var pipelines = 0
        /// Pipeline by pipeline, by their times.
        var given: [Int: [UInt64: Given]] = [:]
        var isBatch = false
        var waiting: (count: Int, resume: @Sendable () -> Void)?
    }

    private let state = Mutex(State())

    var frames: [Frame] { state.withLock(\.frames) }
    /// Whether one of its threads was scheduled as a peer's are.
    var isBatch: Bool { state.withLock(\.isBatch) }

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
        try pipeline.part(named: "source").pointer.withPad("src") {
            PadProbe.add(to: $0, on: GST_PAD_PROBE_TYPE_BUFFER) { [self] _, info in
                info.forEachBuffer { noteGiven($0, pipeline: number) }
                return GST_PAD_PROBE_OK
            }
        }
        try pipeline.part(named: "sink").pointer.withPad("sink") {
            PadProbe.add(to: $0, on: GST_PAD_PROBE_TYPE_BUFFER) { [self] pad, info in
                info.forEachBuffer { note($0, at: pad, pipeline: number) }
                return GST_PAD_PROBE_OK
            }
        }
    }

    private func noteGiven(_ buffer: UnsafeMutablePointer<GstBuffer>, pipeline: Int) {
        guard let sent = UInt32(exactly: buffer.pointee.offset) else { return }
        let given = Given(isKeyframe: cgst_is_keyframe(buffer) != 0, sent: sent)
        state.withLock {
            $0.given[pipeline, default: [:]][UInt64(buffer.pointee.pts)] = given
            $0.isBatch = $0.isBatch || cgst_scheduling().policy == SCHED_BATCH
        }
    }

    private func note(_ buffer: UnsafeMutablePointer<GstBuffer>, at pad: Pad, pipeline: Int) {
        guard let caps = gst_pad_get_current_caps(pad), let structure = gst_caps_get_structure(caps, 0) else { return }
        defer { gst_caps_unref(caps) }
        var (width, height): (gint, gint) = (0, 0)
        gst_structure_get_int(structure, "width", &width)
        gst_structure_get_int(structure, "height", &height)
        let format = "\(String(cString: gst_structure_get_name(structure))) \(width)x\(height)"
        let time = UInt64(buffer.pointee.pts)
        let resume = state.withLock { state -> (@Sendable () -> Void)? in
            guard let given = state.given[pipeline]?[time] else { return nil }
            state.frames.append(
                Frame(pipeline: pipeline, time: time, arrived: MainLoop.now, format: format, given: given))
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

// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Synchronization
import Timing

/// Passes encoded frames to one peer at a time, or to none. For any thread.
final class FrameFeed: Sendable {
    private struct State {
        var sink: GObjectRef<Element>?
        var awaitsKeyframe = false
        var meter = FrameMeter()
    }

    private let encoder: GObjectRef<Element>
    private let state = Mutex(State())

    /// While nobody takes frames, the encoder gets none.
    init(from encoder: GObjectRef<Element>) {
        self.encoder = encoder
        dropInput()
    }

    /// Sends frames into this appsrc from the next keyframe on, and asks for that.
    func open(into sink: GObjectRef<Element>) {
        state.withLock {
            $0.sink = sink
            $0.awaitsKeyframe = true
            $0.meter.restart()
        }
        requestKeyframe()
    }

    /// Stops sending frames, if this is where they went.
    func close(_ sink: GObjectRef<Element>) {
        state.withLock { if $0.sink?.pointer == sink.pointer { $0.sink = nil } }
    }

    func requestKeyframe() { encoder.pointer.withPad("src", KeyframeRequest.send) }

    /// Passes a frame on; every 60th gives a reading. The peer's pipeline timestamps it.
    func send(_ frame: UnsafeMutablePointer<GstBuffer>) -> FrameMeter.Reading? {
        let (sink, reading) = state.withLock { state -> (GObjectRef<Element>?, FrameMeter.Reading?) in
            guard let sink = state.sink else { return (nil, nil) }
            let isKeyframe = cgst_is_keyframe(frame) != 0
            guard isKeyframe || !state.awaitsKeyframe else { return (nil, nil) }
            state.awaitsKeyframe = false
            return (sink, state.meter.record(at: MainLoop.now))
        }
        if let sink { cgst_push_untimed(sink.pointer, frame) }
        return reading
    }

    private func dropInput() {
        encoder.pointer.withPad("sink") {
            PadProbe.add(to: $0, on: GST_PAD_PROBE_TYPE_BUFFER) { [weak self] _, _ in
                self?.state.withLock { $0.sink != nil } == true ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP
            }
        }
    }
}

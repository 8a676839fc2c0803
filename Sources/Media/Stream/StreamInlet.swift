// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling
import Synchronization
import Timing

/// Where the packets from one of webrtcbin's pads become frames of the camera's stream: by a depayloader and a parser in
/// the session's own pipeline, which are there while somebody wants frames.
///
/// Each payload number has a pad of its own, so a session that changes its codec has another inlet from then on.
final class StreamInlet: Sendable {
    private struct State {
        var times = SenderTimes()
        var known: (caps: MiniObject<GstCaps>, format: StreamFormat)?
        var hasFailed = false
    }

    private let codec: VideoCodec
    private let stream: CameraStream
    private let session: Int
    private let report: @Sendable (Fault) -> Void
    private let state = Mutex(State())

    /// `nil` if what comes from this pad is no video. `report` hears, on the pad's thread, why no frames can come of it.
    init?(behind pad: Pad, to stream: CameraStream, session: Int, report: @escaping @Sendable (Fault) -> Void) {
        guard let codec = pad.codec else { return nil }
        self.report = report
        self.codec = codec
        self.stream = stream
        self.session = session
        // What webrtcbin hears here of the caps that we take, it puts above its codec preferences in later answers (1.22).
        PadProbe.add(to: pad, on: GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM) { _, info in
            guard let query = gst_pad_probe_info_get_query(info), query.pointee.type == GST_QUERY_CAPS else {
                return GST_PAD_PROBE_OK
            }
            cgst_take_any_caps(query)
            return GST_PAD_PROBE_HANDLED
        }
    }

    static let elements = ["errorignore", "rtph264depay", "h264parse", "rtpvp8depay"]

    /// After a loss they wait for a keyframe, and every keyframe comes with what a decoder must know for it. What they
    /// can't make sense of is no reason to end the session.
    private var description: String {
        let frames = "video/x-h264,stream-format=byte-stream,alignment=au"
        let guardian = "errorignore ignore-error=true ignore-notnegotiated=true convert-to=ok ! "
        return switch codec {
        case .h264:
            guardian + "rtph264depay wait-for-keyframe=true ! \(frames) ! h264parse config-interval=-1"
                + " ! capsfilter caps=\(frames)"
        case .vp8: guardian + "rtpvp8depay wait-for-keyframe=true"
        }
    }

    var isWanted: Bool { stream.isWanted }

    /// Makes or removes what takes packets on from the pad, on the thread that they come on; false if they stop here.
    func admitPackets(from pad: Pad) -> Bool {
        let isOpen = gst_pad_is_linked(pad) != 0
        guard stream.isWanted else {
            if isOpen { close(behind: pad) }
            return false
        }
        if isOpen { return true }
        if state.withLock(\.hasFailed) { return false }
        do throws(MediaError) {
            try open(behind: pad)
            return true
        } catch {
            // It would fail for each packet.
            state.withLock { $0.hasFailed = true }
            report(Fault(of: .stream, error.description))
            return false
        }
    }

    private func open(behind pad: Pad) throws(MediaError) {
        guard let pipeline = pad.pipeline else { throw .pipeline("its pad belongs nowhere") }
        let parts = try Element.bin(description)
        parts.pointer.withPad("src") {
            PadProbe.add(to: $0, on: PadProbe.packets) { [self] source, info in
                info.forEachBuffer { deliver($0, from: source) }
                return GST_PAD_PROBE_DROP
            }
        }
        pipeline.pointer.add(parts.pointer)
        gst_element_sync_state_with_parent(parts.pointer)
        guard parts.pointer.withPad("sink", { gst_pad_link(pad, $0) }) == GST_PAD_LINK_OK else {
            parts.remove(from: pipeline)
            throw .pipeline("a link to the depayloader")
        }
    }

    private func close(behind pad: Pad) {
        guard let pipeline = pad.pipeline, let sink = gst_pad_get_peer(pad) else { return }
        defer { gst_object_unref(sink) }
        gst_pad_unlink(pad, sink)
        sink.element?.remove(from: pipeline)
    }

    /// Notes the sender's time of a packet that goes in.
    func note(_ packet: UnsafeMutablePointer<GstBuffer>, sent: UInt32) {
        state.withLock { $0.times.note(sent, at: UInt64(packet.pointee.pts)) }
    }

    private func deliver(_ buffer: UnsafeMutablePointer<GstBuffer>, from source: Pad) {
        guard let caps = gst_pad_get_current_caps(source) else { return }
        defer { gst_caps_unref(caps) }
        let time = UInt64(buffer.pointee.pts)
        let (known, sent) = state.withLock { state in
            let last = state.known.flatMap { $0.caps.pointer == caps ? $0 : nil }
            let known = last ?? (MiniObject(retaining: caps), StreamFormat(caps, of: codec))
            state.known = known
            return (known, state.times.sent(at: time))
        }
        // A parser may give a buffer no time: then the number is the largest there is.
        stream.take(
            buffer, known.caps, known.format, at: Int64(exactly: time).map { .nanoseconds($0) }, sent: sent,
            session: session)
    }
}

/// Which of the sender's times stands behind a buffer's: depayloaders keep the one and forget the other.
struct SenderTimes: Sendable {
    private static let capacity = 32

    /// The newest last.
    private var entries: [(sent: UInt32, time: UInt64)] = []

    mutating func note(_ sent: UInt32, at time: UInt64) {
        if entries.last?.sent == sent { return }
        if entries.count == SenderTimes.capacity { entries.removeFirst() }
        entries.append((sent, time))
    }

    func sent(at time: UInt64) -> UInt32? { entries.last { $0.time == time }?.sent }
}

extension GObjectRef<Element> {
    fileprivate func remove(from pipeline: GObjectRef<Element>) {
        gst_bin_remove(pipeline.pointer.raw.assumingMemoryBound(to: GstBin.self), pointer)
        gst_element_set_state(pointer, GST_STATE_NULL)
    }
}

extension Pad {
    fileprivate var codec: VideoCodec? {
        guard let caps = gst_pad_get_current_caps(self) else { return nil }
        defer { gst_caps_unref(caps) }
        return gst_structure_get_string(gst_caps_get_structure(caps, 0), "encoding-name").flatMap {
            VideoCodec(rawValue: String(cString: $0).lowercased())
        }
    }

    /// The one that it belongs to.
    fileprivate var element: GObjectRef<Element>? {
        gst_pad_get_parent_element(self).map { GObjectRef(adopting: $0) }
    }

    /// The pipeline that its element stands in.
    fileprivate var pipeline: GObjectRef<Element>? {
        element.flatMap { element in
            gst_object_get_parent(element.pointer.raw.assumingMemoryBound(to: GstObject.self)).map {
                GObjectRef(adopting: Element(raw: $0.raw))
            }
        }
    }
}

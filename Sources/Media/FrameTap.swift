// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Synchronization
import Timing

/// Watches one camera's encoded frames go by, through all its sessions.
///
/// Peers feed it on their streaming threads; the loop drains it when it likes. A frame costs neither a hop between
/// threads nor an allocation. Only the session that began last is heard, and only once its peer is trusted.
package final class FrameTap: Sendable {
    /// Frames that came since the last look.
    package struct Progress: Equatable, Sendable {
        package fileprivate(set) var frames = 0
        fileprivate(set) var keyframes = 0
        package fileprivate(set) var latest: Arrival
    }

    package struct Arrival: Equatable, Sendable {
        package let at: Instant
        /// The sender's, in units of 1/90,000 s; it differs from that of the frame before.
        package let timestamp: UInt32
    }

    private struct State {
        var stream: Stream?
        var meter = FrameMeter()
        var progress: Progress?
        var lastArrival: Instant?
        var announcement: (@MainLoop () -> Void)?
        var readings: (@MainLoop (FrameMeter.Reading) -> Void)?
    }

    private struct Stream {
        let session: Int
        var payloadType: UInt8
        var codec: VideoCodec
        var isTrusted = false
        var assembler = FrameAssembler()
    }

    private let state = Mutex(State())

    package init() {}

    /// What came since the last call; `nil` if no frame did.
    package func drain() -> Progress? { state.withLock { $0.progress.take() } }

    /// Has `announce` called once on the loop as soon as a frame comes; it takes the place of the one before.
    func announceNextFrame(_ announce: @escaping @MainLoop () -> Void) {
        state.withLock { $0.announcement = announce }
    }

    /// Has `announce` called on the loop with each 60 frames.
    package func announceReadings(_ announce: @escaping @MainLoop (FrameMeter.Reading) -> Void) {
        state.withLock { $0.readings = announce }
    }

    /// When the newest frame came, be it drained or not.
    package var lastArrival: Instant? { state.withLock(\.lastArrival) }

    /// The numbers so far. A copy: not for every frame.
    package var meter: FrameMeter { state.withLock { $0.meter } }

    /// Frames of this session of which packets were lost for good; they are in no other number.
    package var damaged: Int { state.withLock { $0.stream?.assembler.damaged ?? 0 } }

    // MARK: - For the peer

    /// From now on frames are those of `session`, with this payload number. False if it is the session that it was, which
    /// has been negotiated again.
    func expect(payloadType: UInt8, of codec: VideoCodec, session: Int) -> Bool {
        state.withLock {
            if $0.stream?.session == session {
                $0.stream?.payloadType = payloadType
                $0.stream?.codec = codec
                return false
            }
            $0.stream = Stream(session: session, payloadType: payloadType, codec: codec)
            $0.meter.restart()
            return true
        }
    }

    /// The peer is who the offer says.
    func trust(session: Int) {
        state.withLock { if $0.stream?.session == session { $0.stream?.isTrusted = true } }
    }

    func wantKeyframe(session: Int) {
        state.withLock { if $0.stream?.session == session { $0.stream?.assembler.wantKeyframe() } }
    }

    func end(session: Int) {
        state.withLock { if $0.stream?.session == session { $0.stream = nil } }
    }

    /// The video's SSRC, once there was a packet of it.
    func source(session: Int) -> UInt32? {
        state.withLock { $0.stream?.session == session ? $0.stream?.assembler.source : nil }
    }

    enum Finding: Equatable, Sendable {
        /// Not the video that is expected, or from somebody who is not trusted.
        case foreign
        case video(sent: UInt32, needsKeyframe: Bool)
    }

    /// Takes in a packet and says what it is, and whether the sender is to be asked for a keyframe.
    func take(_ bytes: UnsafeRawBufferPointer, session: Int) -> Finding {
        state.withLock { state in
            guard let stream = state.stream, stream.session == session, stream.isTrusted,
                let packet = RTPPacket(bytes, of: stream.codec), packet.payloadType == stream.payloadType,
                let (before, completed) = state.stream?.assembler.take(packet)
            else { return .foreign }
            guard before != nil || completed != nil || state.stream?.assembler.wantsKeyframe == true else {
                return .video(sent: packet.timestamp, needsKeyframe: false)
            }
            let now = MainLoop.now
            if let before { count(before, at: now, in: &state) }
            if let completed { count(completed, at: now, in: &state) }
            let needsKeyframe = state.stream?.assembler.takeKeyframeRequest(at: now) ?? false
            return .video(sent: packet.timestamp, needsKeyframe: needsKeyframe)
        }
    }

    private func count(_ frame: FrameAssembler.Frame, at now: Instant, in state: inout State) {
        let latest = Arrival(at: now, timestamp: frame.timestamp)
        var progress = state.progress ?? Progress(latest: latest)
        progress.frames += 1
        if frame.isKeyframe { progress.keyframes += 1 }
        progress.latest = latest
        (state.progress, state.lastArrival) = (progress, now)
        if let announce = state.announcement.take() { MainLoop.post(announce) }
        guard let reading = state.meter.record(at: now), let announce = state.readings else { return }
        MainLoop.post { announce(reading) }
    }
}

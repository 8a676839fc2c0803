// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Synchronization
import Timing

/// Watches one camera's encoded frames go by, through all its sessions.
///
/// Peers feed it on their streaming threads; the loop drains it when it likes. A frame costs neither a hop between
/// threads nor an allocation.
///
/// Of several sessions one counts: the newest that has brought a frame. None is heard before its peer is trusted.
package final class FrameTap: Sendable {
    /// Frames that came since the last look.
    package struct Progress: Equatable, Sendable {
        package fileprivate(set) var frames = 0
        fileprivate(set) var keyframes = 0
        package fileprivate(set) var latest: Arrival
    }

    package struct Arrival: Equatable, Sendable {
        package let session: Int
        package let at: Instant
        /// The sender's, in units of 1/90,000 s; it differs from that of the frame before.
        package let timestamp: UInt32
    }

    private struct State {
        var streams: [Stream] = []
        /// The session that counts.
        var counted: Int?
        /// Whether the next frame is to be announced, whichever session's it is.
        var isAwaited = false
        var meter = FrameMeter()
        var progress: Progress?
        var lastArrival: Instant?
        var beginnings: (@MainLoop () -> Void)?
        var readings: (@MainLoop (FrameMeter.Reading) -> Void)?

        func index(of session: Int) -> Int? { streams.firstIndex { $0.session == session } }
    }

    private struct Stream {
        let session: Int
        var payloadType: UInt8
        var codec: VideoCodec
        var isTrusted = false
        var assembler = FrameAssembler()
        var announceFirst: (@MainLoop () -> Void)?
    }

    private let state = Mutex(State())

    package init() {}

    /// What came since the last call; `nil` if no frame did.
    package func drain() -> Progress? { state.withLock { $0.progress.take() } }

    /// Has `announce` called on the loop when another session begins to count, and when a frame comes that is awaited.
    package func announceBeginnings(_ announce: @escaping @MainLoop () -> Void) {
        state.withLock { $0.beginnings = announce }
    }

    package func awaitFrame() { state.withLock { $0.isAwaited = true } }

    /// Has `announce` called on the loop with each 60 frames.
    package func announceReadings(_ announce: @escaping @MainLoop (FrameMeter.Reading) -> Void) {
        state.withLock { $0.readings = announce }
    }

    /// When the newest frame came, be it drained or not.
    package var lastArrival: Instant? { state.withLock(\.lastArrival) }

    /// The numbers so far. A copy: not for every frame.
    package var meter: FrameMeter { state.withLock { $0.meter } }

    /// Frames of the newest session of which packets were lost for good; they are in no other number.
    package var damaged: Int { state.withLock { $0.streams.last?.assembler.damaged ?? 0 } }

    // MARK: - For the peer

    /// From now on frames of `session` have this payload number. False if it is known, and has been negotiated again.
    func expect(payloadType: UInt8, of codec: VideoCodec, session: Int) -> Bool {
        state.withLock { state in
            guard let index = state.index(of: session) else {
                state.streams.append(Stream(session: session, payloadType: payloadType, codec: codec))
                return true
            }
            state.streams[index].payloadType = payloadType
            state.streams[index].codec = codec
            return false
        }
    }

    /// Has `announce` called once on the loop as soon as a frame of this session counts.
    func announceFirst(of session: Int, _ announce: @escaping @MainLoop () -> Void) {
        change(session) { $0.announceFirst = announce }
    }

    /// The peer is who the offer says.
    func trust(session: Int) {
        change(session) { $0.isTrusted = true }
    }

    func wantKeyframe(session: Int) {
        change(session) { $0.assembler.wantKeyframe() }
    }

    func end(session: Int) {
        state.withLock { state in
            state.streams.removeAll { $0.session == session }
            if state.counted == session { state.counted = nil }
        }
    }

    private func change(_ session: Int, _ body: (inout Stream) -> Void) {
        state.withLock { state in
            if let index = state.index(of: session) { body(&state.streams[index]) }
        }
    }

    /// The video's SSRC, once there was a packet of it.
    func source(session: Int) -> UInt32? {
        state.withLock { state in state.index(of: session).flatMap { state.streams[$0].assembler.source } }
    }

    enum Finding: Equatable, Sendable {
        /// Not the video that counts, or from somebody who is not trusted.
        case foreign
        case video(sent: UInt32, needsKeyframe: Bool)
    }

    /// Takes in a packet and says what it is, and whether the sender is to be asked for a keyframe.
    func take(_ bytes: UnsafeRawBufferPointer, session: Int) -> Finding {
        state.withLock { state in
            guard session >= state.counted ?? session, let index = state.index(of: session),
                state.streams[index].isTrusted, let packet = RTPPacket(bytes, of: state.streams[index].codec),
                packet.payloadType == state.streams[index].payloadType
            else { return .foreign }
            let (before, completed) = state.streams[index].assembler.take(packet)
            guard before != nil || completed != nil || state.streams[index].assembler.wantsKeyframe else {
                return .video(sent: packet.timestamp, needsKeyframe: false)
            }
            let now = MainLoop.now
            if before != nil || completed != nil, let announce = state.streams[index].announceFirst.take() {
                MainLoop.post(announce)
            }
            if let before { count(before, of: session, at: now, in: &state) }
            if let completed { count(completed, of: session, at: now, in: &state) }
            let needsKeyframe = state.streams[index].assembler.takeKeyframeRequest(at: now)
            return .video(sent: packet.timestamp, needsKeyframe: needsKeyframe)
        }
    }

    private func count(_ frame: FrameAssembler.Frame, of session: Int, at now: Instant, in state: inout State) {
        let latest = Arrival(session: session, at: now, timestamp: frame.timestamp)
        var progress = state.progress ?? Progress(latest: latest)
        progress.frames += 1
        if frame.isKeyframe { progress.keyframes += 1 }
        progress.latest = latest
        (state.progress, state.lastArrival) = (progress, now)
        if state.counted != session { state.meter.restart() }
        if state.counted != session || state.isAwaited, let announce = state.beginnings { MainLoop.post(announce) }
        (state.counted, state.isAwaited) = (session, false)
        guard let reading = state.meter.record(at: now), let announce = state.readings else { return }
        MainLoop.post { announce(reading) }
    }
}

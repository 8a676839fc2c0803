// SPDX-License-Identifier: Apache-2.0

import Timing

/// Finds frames in RTP packets that a jitter buffer has put in order.
///
/// It looks at packets rather than a depayloader's output: marker and timestamp mean the same for every codec, losses
/// are seen exactly where they happened, and nothing is copied.
///
/// 1. A frame is the packets of one timestamp. It ends with its marker or, as senders need not set one, when the next
///    timestamp begins. What follows the end with the same timestamp is padding.
/// 2. Only a whole frame counts: no gap in the sequence numbers from the end of the frame before to its own end. Nobody
///    knows what was in a gap, so a frame that begins after one does not count either.
/// 3. A keyframe is wanted from the first packet on, and again after damage or by somebody's wish, until a whole one has
///    come that began after that. It is asked for at most once in `patience`, and not while one is, or may be (the first
///    frame), arriving.
/// 4. Another source (SSRC) is another stream: everything begins anew.
/// 5. A packet that is late, or comes twice, is ignored; one from too far back means that the sender counts anew.
struct FrameAssembler: Sendable {
    struct Frame: Equatable, Sendable {
        let timestamp: UInt32
        let size: Int
        let isKeyframe: Bool
    }

    static let patience = Duration.seconds(1)
    static let latest: Int16 = 1_000

    private(set) var source: UInt32?
    /// Frames that lost packets for good.
    private(set) var damaged = 0
    private(set) var wantsKeyframe = true
    private var lastRequest: Instant?
    private var hasEndedFrame = false
    private var nextSequence: UInt16 = 0
    private var state = State.betweenFrames(lastTimestamp: nil)

    private enum State: Sendable {
        case betweenFrames(lastTimestamp: UInt32?)
        case inFrame(Arriving)
    }

    private struct Arriving: Sendable {
        let timestamp: UInt32
        var size = 0
        var isKeyframe = false
        var isWhole: Bool
        /// A keyframe is wanted, and this began before.
        var isTooEarly = false
    }

    /// Takes the next packet; returns the frame that it shows to have been whole, and the one that it completes.
    mutating func take(_ packet: RTPPacket) -> (before: Frame?, completed: Frame?) {
        if packet.source != source { begin(with: packet) }
        let step = Int16(bitPattern: packet.sequence &- nextSequence)
        guard step >= 0 || step < -FrameAssembler.latest else { return (nil, nil) }
        nextSequence = packet.sequence &+ 1
        let isGap = step != 0
        if isGap { markDamage() }
        guard packet.payloadSize > 0 else { return (nil, nil) }

        var before: Frame?
        if case .inFrame(let frame) = state, frame.timestamp != packet.timestamp { before = end() }
        if case .betweenFrames(let last) = state {
            if last == packet.timestamp { return (before, nil) }
            state = .inFrame(Arriving(timestamp: packet.timestamp, isWhole: !isGap))
        }
        changeArriving {
            $0.size += packet.payloadSize
            $0.isKeyframe = $0.isKeyframe || packet.showsKeyframe
        }
        return (before, packet.marker ? end() : nil)
    }

    /// Whether the sender should be asked for a keyframe now; saying so counts as having asked.
    mutating func takeKeyframeRequest(at now: Instant) -> Bool {
        guard wantsKeyframe else { return false }
        // A stream begins with a keyframe, which its first packets need not show.
        if case .inFrame(let frame) = state, frame.isWhole, !frame.isTooEarly, frame.isKeyframe || !hasEndedFrame {
            return false
        }
        if let lastRequest, now < lastRequest + FrameAssembler.patience { return false }
        lastRequest = now
        return true
    }

    /// Somebody wants to begin with a keyframe, and has seen nothing of what came until now.
    mutating func wantKeyframe() {
        wantsKeyframe = true
        changeArriving { $0.isTooEarly = true }
    }

    private mutating func begin(with packet: RTPPacket) {
        source = packet.source
        nextSequence = packet.sequence
        state = .betweenFrames(lastTimestamp: nil)
        hasEndedFrame = false
        wantsKeyframe = true
        lastRequest = nil
    }

    private mutating func markDamage() {
        wantsKeyframe = true
        changeArriving { $0.isWhole = false }
    }

    private mutating func changeArriving(_ change: (inout Arriving) -> Void) {
        guard case .inFrame(var frame) = state else { return }
        change(&frame)
        state = .inFrame(frame)
    }

    private mutating func end() -> Frame? {
        guard case .inFrame(let frame) = state else { return nil }
        state = .betweenFrames(lastTimestamp: frame.timestamp)
        hasEndedFrame = true
        guard frame.isWhole else {
            damaged += 1
            return nil
        }
        if frame.isKeyframe && !frame.isTooEarly { wantsKeyframe = false }
        return Frame(timestamp: frame.timestamp, size: frame.size, isKeyframe: frame.isKeyframe)
    }
}

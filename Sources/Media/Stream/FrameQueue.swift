// SPDX-License-Identifier: Apache-2.0

/// What a queue must know of an encoded frame.
protocol QueuedFrame {
    /// A decoder can begin with it.
    var isKeyframe: Bool { get }
    var size: Int { get }
}

/// How much may wait.
package struct FrameBound: Equatable, Sendable {
    package var frames = 300
    package var bytes = 8 << 20

    package init() {}

    func holds(frames: Int, bytes: Int) -> Bool { frames <= self.frames && bytes <= self.bytes }
}

/// Frames that wait for one reader, the oldest first. Whoever is too slow loses whole groups of pictures.
///
/// The rules:
///
/// 1. It begins with a keyframe, and so it does again after a loss: whatever comes out can be decoded.
/// 2. What is over the bound is dropped from the front, up to the next keyframe.
/// 3. Where no keyframe follows, everything is dropped, and all that comes until there is one.
struct FrameQueue<Frame: QueuedFrame> {
    /// Frames that did not fit, or came after such before the next keyframe.
    private(set) var dropped = 0
    private(set) var awaitsKeyframe = true
    private var frames: ArraySlice<Frame> = []
    private var bytes = 0
    private var hasBegun = false
    private let bound: FrameBound

    init(bound: FrameBound) { self.bound = bound }

    var first: Frame? { frames.first }

    mutating func append(_ frame: Frame) {
        guard frame.isKeyframe || !awaitsKeyframe else {
            if hasBegun { dropped += 1 }
            return
        }
        (awaitsKeyframe, hasBegun) = (false, true)
        frames.append(frame)
        bytes += frame.size
        while !bound.holds(frames: frames.count, bytes: bytes) { dropOldestGroup() }
    }

    mutating func takeFirst() -> Frame? {
        let frame = frames.popFirst()
        bytes -= frame?.size ?? 0
        // A slice holds on to what was taken from it.
        if frames.isEmpty { frames = [] }
        return frame
    }

    private mutating func dropOldestGroup() {
        let next = frames.dropFirst().firstIndex(where: \.isKeyframe) ?? frames.endIndex
        dropped += next - frames.startIndex
        bytes -= frames[..<next].reduce(0) { $0 + $1.size }
        frames = Array(frames[next...])[...]
        awaitsKeyframe = frames.isEmpty
    }
}

extension FrameQueue: Sendable where Frame: Sendable {}

/// The newest keyframe and what came after it, for whoever begins in the middle.
///
/// A group over the bound is of no use without its beginning: it is let go, and nothing is kept before the next keyframe.
struct PictureGroup<Frame: QueuedFrame> {
    private(set) var frames: [Frame] = []
    private var bytes = 0
    private let bound: FrameBound

    init(bound: FrameBound) { self.bound = bound }

    mutating func append(_ frame: Frame) {
        if frame.isKeyframe { clear() } else if frames.isEmpty { return }
        frames.append(frame)
        bytes += frame.size
        if !bound.holds(frames: frames.count, bytes: bytes) { clear() }
    }

    mutating func clear() {
        frames.removeAll(keepingCapacity: true)
        bytes = 0
    }
}

extension PictureGroup: Sendable where Frame: Sendable {}

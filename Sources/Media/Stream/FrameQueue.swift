// SPDX-License-Identifier: Apache-2.0

/// What must be known of an encoded frame to have it wait and be given.
protocol QueuedFrame: Sendable {
    var format: StreamFormat { get }
    /// A decoder can begin with it.
    var isKeyframe: Bool { get }
    var size: Int { get }
    var time: Duration { get }
}

/// How much may wait.
package struct FrameBound: Equatable, Sendable {
    package var frames = 300
    package var bytes = 8 << 20

    package init() {}

    func holds(frames: Int, bytes: Int) -> Bool { frames <= self.frames && bytes <= self.bytes }
}

/// Frames that wait for a reader, the oldest first. Whoever is too slow loses whole groups of pictures.
///
/// The rules:
///
/// 1. It begins with a keyframe, and so it does again after a loss: whatever comes out can be decoded.
/// 2. What is over the bound is dropped from the front, up to the next keyframe.
/// 3. Where no keyframe follows, everything is dropped, and all that comes until there is one.
/// 4. What it drops it hands over: freeing is work, which nobody does under a lock.
struct FrameQueue<Frame: QueuedFrame>: Sendable {
    /// Frames that did not fit, or came after such before the next keyframe.
    private(set) var dropped = 0
    private(set) var awaitsKeyframe = true
    private(set) var frames: [Frame] = []
    private var bytes = 0
    private var hasBegun = false
    private let bound: FrameBound

    init(bound: FrameBound) { self.bound = bound }

    /// Gives what it drops of those that waited.
    mutating func append(_ frame: Frame) -> [Frame] {
        guard frame.isKeyframe || !awaitsKeyframe else {
            if hasBegun { dropped += 1 }
            return []
        }
        (awaitsKeyframe, hasBegun) = (false, true)
        frames.append(frame)
        bytes += frame.size
        var excess: [Frame] = []
        while !bound.holds(frames: frames.count, bytes: bytes) { excess += dropOldestGroup() }
        return excess
    }

    /// The same, but of several groups it keeps the newest alone.
    mutating func appendToNewestGroup(_ frame: Frame) -> [Frame] {
        let earlier = frame.isKeyframe ? takeAll() : []
        return earlier + append(frame)
    }

    mutating func takeAll() -> [Frame] {
        defer { (frames, bytes, awaitsKeyframe) = ([], 0, true) }
        return frames
    }

    /// For a reader that has not read what came before; gives what it drops.
    mutating func beginAnew() -> [Frame] { frames.first?.isKeyframe == true ? [] : dropOldestGroup() }

    mutating func takeFirst() -> Frame? {
        guard !frames.isEmpty else { return nil }
        bytes -= frames[0].size
        return frames.removeFirst()
    }

    private mutating func dropOldestGroup() -> [Frame] {
        let next = frames.dropFirst().firstIndex(where: \.isKeyframe) ?? frames.endIndex
        let group = Array(frames[..<next])
        frames.removeFirst(next)
        dropped += group.count
        bytes -= group.reduce(0) { $0 + $1.size }
        awaitsKeyframe = frames.isEmpty
        return group
    }
}

// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Media

/// A frame as a queue sees it: `K` is a keyframe, anything else is not.
private struct Frame: QueuedFrame, Equatable {
    let isKeyframe: Bool
    let number: Int
    var size = 10
}

/// As many frames as letters, numbered from 0.
private func frames(_ letters: String, size: Int = 10) -> [Frame] {
    letters.enumerated().map { Frame(isKeyframe: $1 == "K", number: $0, size: size) }
}

private func bound(frames: Int, bytes: Int = 1_000) -> FrameBound {
    var bound = FrameBound()
    (bound.frames, bound.bytes) = (frames, bytes)
    return bound
}

struct FrameQueueTests {
    struct Row: CustomTestStringConvertible {
        let what: String
        let came: String
        let kept: [Int]
        let dropped: Int
        let awaitsKeyframe: Bool
        var testDescription: String { what }
    }

    @Test(arguments: [
        Row(what: "nothing before a keyframe", came: "dddKd", kept: [3, 4], dropped: 0, awaitsKeyframe: false),
        Row(what: "all of a short group", came: "Kddd", kept: [0, 1, 2, 3], dropped: 0, awaitsKeyframe: false),
        Row(what: "the older group goes", came: "KddKdd", kept: [3, 4, 5], dropped: 3, awaitsKeyframe: false),
        Row(what: "no keyframe follows", came: "Kdddd", kept: [], dropped: 5, awaitsKeyframe: true),
        Row(what: "nor for a while", came: "Kddddddd", kept: [], dropped: 8, awaitsKeyframe: true),
        Row(what: "then one comes", came: "KdddddKd", kept: [6, 7], dropped: 6, awaitsKeyframe: false),
        Row(what: "keyframes alone", came: "KKKKKK", kept: [2, 3, 4, 5], dropped: 2, awaitsKeyframe: false),
    ])
    func `what comes out begins with a keyframe, and whole groups are dropped`(row: Row) {
        var queue = FrameQueue<Frame>(bound: bound(frames: 4))
        for frame in frames(row.came) { queue.append(frame) }
        #expect(queue.dropped == row.dropped)
        #expect(queue.awaitsKeyframe == row.awaitsKeyframe)
        var kept: [Int] = []
        while let frame = queue.takeFirst() { kept.append(frame.number) }
        #expect(kept == row.kept)
    }

    @Test func `bytes are bounded, too, and what was taken does not count`() {
        var queue = FrameQueue<Frame>(bound: bound(frames: 100, bytes: 40))
        for frame in frames("Kdd") { queue.append(frame) }
        #expect(queue.takeFirst()?.number == 0)
        for frame in frames("ddd").dropFirst() { queue.append(frame) }
        #expect(queue.dropped == 0)
        queue.append(Frame(isKeyframe: true, number: 9))
        #expect(queue.dropped == 4)
        #expect(queue.first?.number == 9)
    }

    @Test func `a reader in the middle of a group that is dropped goes on with the next keyframe`() {
        var queue = FrameQueue<Frame>(bound: bound(frames: 3))
        let all = frames("KdddKd")
        for frame in all[..<2] { queue.append(frame) }
        #expect(queue.takeFirst()?.number == 0)
        for frame in all[2...] { queue.append(frame) }
        #expect(queue.first?.number == 4)
        #expect(queue.dropped == 3)
    }
}

struct PictureGroupTests {
    @Test(arguments: [("ddd", []), ("Kdd", [0, 1, 2]), ("KddKd", [3, 4]), ("Kdddd", []), ("KddddddKd", [7, 8])])
    func `the newest group is kept, unless it is over the bound`(came: String, kept: [Int]) {
        var group = PictureGroup<Frame>(bound: bound(frames: 4))
        for frame in frames(came) { group.append(frame) }
        #expect(group.frames.map(\.number) == kept)
    }
}

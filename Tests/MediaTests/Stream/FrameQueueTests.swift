// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Media

func bound(frames: Int, bytes: Int = 1_000) -> FrameBound {
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
        var queue = FrameQueue<LetterFrame>(bound: bound(frames: 4))
        let released = frames(row.came).flatMap { queue.append($0) }
        #expect(queue.dropped == row.dropped)
        #expect(queue.awaitsKeyframe == row.awaitsKeyframe)
        var kept: [Int] = []
        while let frame = queue.takeFirst() { kept.append(frame.number) }
        #expect(kept == row.kept)
        // None is freed while it is asked, but for those that never waited.
        let first = row.came.prefix { $0 == "d" }.count
        #expect(released.map(\.number) == Array(first..<first + released.count))
        #expect(released.count <= row.dropped)
    }

    @Test func `bytes are bounded, too, and what was taken does not count`() {
        var queue = FrameQueue<LetterFrame>(bound: bound(frames: 100, bytes: 40))
        _ = frames("Kdd").flatMap { queue.append($0) }
        #expect(queue.takeFirst()?.number == 0)
        _ = frames("ddd").dropFirst().flatMap { queue.append($0) }
        #expect(queue.dropped == 0)
        #expect(queue.append(LetterFrame(letter: "K", number: 9)).count == 4)
        #expect(queue.dropped == 4)
        #expect(queue.frames.first?.number == 9)
    }

    @Test func `a reader in the middle of a group that is dropped goes on with the next keyframe`() {
        var queue = FrameQueue<LetterFrame>(bound: bound(frames: 3))
        let all = frames("KdddKd")
        _ = all[..<2].flatMap { queue.append($0) }
        #expect(queue.takeFirst()?.number == 0)
        #expect(all[2...].flatMap { queue.append($0) }.map(\.number) == [1, 2, 3])
        #expect(queue.frames.first?.number == 4)
        #expect(queue.dropped == 3)
    }

    @Test(arguments: [
        ("ddd", []), ("Kdd", [0, 1, 2]), ("KddKd", [3, 4]), ("Kdddd", []), ("KddddddKd", [7, 8]),
    ])
    func `the newest group is kept, unless it is over the bound`(came: String, kept: [Int]) {
        var group = FrameQueue<LetterFrame>(bound: bound(frames: 4))
        let released = frames(came).flatMap { group.appendToNewestGroup($0) }
        #expect(group.frames.map(\.number) == kept)
        #expect(Set(released.map(\.number)).isDisjoint(with: kept))
        #expect(group.takeAll().map(\.number) == kept)
        #expect(group.takeAll() == [])
    }
}

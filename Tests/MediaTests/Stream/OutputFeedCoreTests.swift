// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing

@testable import Media

struct OutputFeedCoreTests {
    private var core = OutputFeedCore<LetterFrame, String>(bound: bound(frames: 4), reach: .codec)

    private func instant(_ seconds: Double) -> Instant { Instant(sinceOrigin: .seconds(seconds)) }

    private mutating func append(_ letters: String) -> [Int] {
        frames(letters).flatMap { core.append($0) }.map(\.number)
    }

    @discardableResult
    private mutating func open(_ number: Int, for format: StreamFormat = .vp8) -> String? {
        core.open("pipeline \(number)", number: number, for: format, at: instant(0)).0
    }

    /// What is to be done now, in words.
    private mutating func next(at seconds: Double = 0) -> String? {
        switch core.next(at: instant(seconds)) {
        case .give(let frame, let time, let sink, _): "\(frame.letter)\(frame.number) at \(time) into \(sink)"
        case .demand(let format): "demand \(format.codec)"
        case nil: nil
        }
    }

    /// The letters of all that a pipeline takes that hungers whenever it was given one.
    private mutating func feast(_ number: Int) -> String {
        var taken = ""
        core.hungers(number: number)
        while case .give(let frame, _, _, let number) = core.next(at: instant(0)) {
            taken.append(frame.letter)
            core.arrived(number: number)
            core.hungers(number: number)
        }
        return taken
    }

    @Test mutating func `a pipeline is demanded once frames wait, and only once until one opens`() {
        #expect(next() == nil)
        #expect(append("Kd") == [])
        #expect(core.nextFormat == .vp8)
        #expect(next() == "demand vp8")
        #expect(next() == nil)
        #expect(append("d") == [])
        #expect(next() == nil)
        open(1)
        #expect(next() == nil)
    }

    @Test mutating func `one frame is given for each hunger, at times that begin with the first`() {
        _ = append("dKd")
        open(1)
        #expect(next() == nil)
        core.hungers(number: 1)
        #expect(next() == "K1 at \(Duration.zero) into pipeline 1")
        #expect(next() == nil)
        core.arrived(number: 1)
        #expect(next() == nil)
        core.hungers(number: 1)
        #expect(next() == "d2 at \(Duration.milliseconds(100)) into pipeline 1")
        #expect(core.given == 2)
    }

    @Test mutating func `one that hungers while a frame is on its way is given none before that has arrived`() {
        _ = append("Kd")
        open(1)
        core.hungers(number: 1)
        #expect(next() != nil)
        core.hungers(number: 1)
        #expect(next() == nil)
        core.arrived(number: 1)
        #expect(next() == "d1 at \(Duration.milliseconds(100)) into pipeline 1")
    }

    @Test mutating func `what a pipeline can't go on with waits for another, which begins a time of its own`() {
        _ = append("KHh")
        open(1)
        #expect(feast(1) == "K")
        #expect(core.nextFormat == .h264)
        // That was the demand, for the newer format.
        #expect(next() == nil)
        open(2, for: .h264)
        core.hungers(number: 1)
        #expect(next() == nil)
        core.hungers(number: 2)
        #expect(next() == "H1 at \(Duration.zero) into pipeline 2")
    }

    @Test mutating func `a pipeline that opens for what is no longer there has another demanded`() {
        _ = append("K")
        #expect(next() == "demand vp8")
        // The older group is dropped.
        #expect(append("HhhhH") == [0, 0, 1, 2, 3])
        open(1)
        #expect(next() == "demand h264")
        open(2, for: .h264)
        #expect(feast(2) == "H")
    }

    @Test mutating func `the newest pipeline counts, and what is told of another is ignored`() {
        _ = append("Kd")
        #expect(open(2) == nil)
        // It was overtaken while it was made.
        #expect(open(1) == nil)
        core.hungers(number: 1)
        #expect(next() == nil)
        core.hungers(number: 2)
        #expect(next() == "K0 at \(Duration.zero) into pipeline 2")
        core.arrived(number: 1)
        core.hungers(number: 2)
        #expect(next() == nil)
        #expect(core.close(number: 1) == nil)
        #expect(open(3) == "pipeline 2")
        // On its way when the next opened.
        core.arrived(number: 2)
        #expect(core.close(number: 3) == "pipeline 3")
        #expect(core.close(number: 3) == nil)
    }

    @Test
    mutating func `after one has closed, by a fault or by its end, frames that wait or come have the next demanded`() {
        _ = append("Kd")
        open(1)
        core.hungers(number: 1)
        #expect(next() != nil)
        _ = core.close(number: 1)
        core.arrived(number: 1)
        #expect(next() == "demand vp8")
    }

    @Test mutating func `one that comes after another begins with a keyframe, too, and not where that stopped`() {
        _ = append("Kdd")
        open(1)
        core.hungers(number: 1)
        #expect(next() != nil)
        _ = core.close(number: 1)
        let (_, dropped) = core.open("another", number: 2, for: .vp8, at: instant(0))
        #expect(dropped.map(\.number) == [1, 2])
        #expect(append("d") == [])
        core.hungers(number: 2)
        #expect(core.wantsKeyframe)
        _ = append("Kd")
        #expect(feast(2) == "Kd")
        // The group goes on, of which it has read nothing.
        open(3)
        _ = append("dK")
        #expect(feast(3) == "K")
        #expect(core.dropped == 4)
    }

    @Test mutating func `a keyframe is wanted by who would take it at once`() {
        #expect(core.wantsKeyframe)
        _ = append("K")
        #expect(!core.wantsKeyframe)
        open(1)
        _ = feast(1)
        #expect(!core.wantsKeyframe)
        core.hungers(number: 1)
        _ = append("d")
        #expect(next() != nil)
        // Too slow: all of the group is dropped.
        _ = append("ddddd")
        #expect(core.dropped == 5)
        #expect(!core.wantsKeyframe)
        core.hungers(number: 1)
        #expect(core.wantsKeyframe)
    }

    @Test mutating func `how long frames wait counts from the last that was given`() {
        open(1)
        #expect(core.waitingSince == nil)
        _ = append("Kd")
        #expect(core.waitingSince == instant(0))
        core.hungers(number: 1)
        #expect(core.waitingSince == nil)
        #expect(next(at: 5) != nil)
        #expect(core.waitingSince == instant(5))
        core.hungers(number: 1)
        core.arrived(number: 1)
        #expect(next(at: 6) != nil)
        #expect(core.waitingSince == nil)
        _ = core.close(number: 1)
        #expect(core.waitingSince == nil)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Timing

/// Decides which frame is given to an output's pipeline, and when a pipeline is demanded.
///
/// The rules:
///
/// 1. A pipeline is given one frame each time that it has hungered, and none while another is on its way into it.
/// 2. It is given the frames in their order, from a keyframe on and for as long as it can go on with their format. Its
///    time begins with the first.
/// 3. Where frames wait that the present pipeline can't go on with, or there is none, one is demanded: once, until one
///    opens.
/// 4. The newest pipeline is the one that counts. What comes from another, or for it, is ignored.
struct OutputFeedCore<Frame: QueuedFrame, Sink: Sendable>: Sendable {
    enum Step: Sendable {
        case give(Frame, at: Duration, into: Sink, number: Int)
        case demand(StreamFormat)
    }

    /// The beginning of the present pipeline.
    private struct Intake: Sendable {
        let number: Int
        let sink: Sink
        let format: StreamFormat
        /// The stream's time at which this pipeline's time began.
        var origin: Duration?
        var isHungry = false
        /// A frame is on its way into it.
        var isBusy = false
        var lastGiven: Instant
    }

    private(set) var given = 0
    private var queue: FrameQueue<Frame>
    private var intake: Intake?
    private var hasDemanded = false
    /// The number of the newest pipeline that there was.
    private var newest = 0
    private let reach: OutputRecipe.Reach

    init(bound: FrameBound, reach: OutputRecipe.Reach) {
        queue = FrameQueue(bound: bound)
        self.reach = reach
    }

    var dropped: Int { queue.dropped }
    /// What waits for a pipeline.
    var nextFormat: StreamFormat? { queue.frames.first?.format }

    /// Whether a keyframe would be taken at once: who is merely slow is no reason to have one sent.
    var wantsKeyframe: Bool { queue.awaitsKeyframe && intake?.isHungry ?? true }

    /// Since when the pipeline has taken nothing, though frames wait for it.
    var waitingSince: Instant? { intake.flatMap { $0.isHungry || queue.frames.first == nil ? nil : $0.lastGiven } }

    /// Gives what it drops.
    mutating func append(_ frame: Frame) -> [Frame] { queue.append(frame) }

    /// Gives what took the frames until now, and what it drops.
    mutating func open(_ sink: Sink, number: Int, for format: StreamFormat, at now: Instant) -> (Sink?, [Frame]) {
        guard number > newest else { return (nil, []) }
        (newest, hasDemanded) = (number, false)
        defer { intake = Intake(number: number, sink: sink, format: format, lastGiven: now) }
        return (intake?.sink, queue.beginAnew())
    }

    /// It has nothing left.
    mutating func hungers(number: Int) {
        if intake?.number == number { intake?.isHungry = true }
    }

    /// What was given has arrived.
    mutating func arrived(number: Int) {
        if intake?.number == number { intake?.isBusy = false }
    }

    mutating func close(number: Int) -> Sink? {
        guard intake?.number == number else { return nil }
        defer { intake = nil }
        return intake?.sink
    }

    /// What is to be done now, again and again until it is nothing.
    mutating func next(at now: Instant) -> Step? {
        guard let format = nextFormat else { return nil }
        guard let intake, reach.goesOn(from: intake.format, to: format) else {
            defer { hasDemanded = true }
            return hasDemanded ? nil : .demand(format)
        }
        guard intake.isHungry, !intake.isBusy, let frame = queue.takeFirst() else { return nil }
        let origin = intake.origin ?? frame.time
        self.intake?.origin = origin
        self.intake?.isHungry = false
        self.intake?.isBusy = true
        self.intake?.lastGiven = now
        given += 1
        return .give(frame, at: frame.time - origin, into: intake.sink, number: intake.number)
    }
}

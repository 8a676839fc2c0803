// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Synchronization
import Timing

/// The way of a stream's frames into one output: a queue, and whichever pipeline takes from it at the moment.
///
/// A pipeline is given one frame each time that it has none, on the thread that finds both: the stream's or its own.
/// Nobody waits, and no lock is held while it is given.
final class OutputFeed: Sendable {
    /// Told, once until one opens, that frames of this format wait and no pipeline that can take them is there.
    typealias Demand = @MainLoop (StreamFormat) -> Void

    fileprivate struct State {
        var queue: FrameQueue<EncodedFrame>
        var intake: Intake?
        var hasDemanded = false
        var demand: Demand?
        var given = 0
        /// The number of the newest pipeline that there was.
        var newest = 0
    }

    /// The beginning of the present pipeline.
    fileprivate struct Intake {
        let number: Int
        let source: GObjectRef<Element>
        let format: StreamFormat
        /// The stream's time at which this pipeline's time began.
        var origin: Duration?
        var isHungry = false
        /// A frame is on its way into it: the next must not overtake it.
        var isGiven = false
        var lastGiven: Instant
    }

    fileprivate struct Delivery {
        let number: Int
        let source: GObjectRef<Element>
        let frame: EncodedFrame
        let time: Duration
    }

    private let goesOn: @Sendable (StreamFormat, StreamFormat) -> Bool
    private let state: Mutex<State>

    init(bound: FrameBound, goesOn: @escaping @Sendable (_ from: StreamFormat, _ to: StreamFormat) -> Bool) {
        self.goesOn = goesOn
        state = Mutex(State(queue: FrameQueue(bound: bound)))
    }

    func whenDemanded(_ demand: @escaping Demand) { state.withLock { $0.demand = demand } }

    /// Whether a keyframe would be taken at once: who is merely slow is no reason to have one sent.
    var wantsKeyframe: Bool {
        state.withLock { $0.queue.awaitsKeyframe && ($0.intake?.isHungry ?? true) }
    }

    /// What waits for a pipeline.
    var nextFormat: StreamFormat? { state.withLock(\.queue.first?.format) }
    var given: Int { state.withLock(\.given) }
    var dropped: Int { state.withLock(\.queue.dropped) }

    // MARK: - For the stream

    func append(_ frame: EncodedFrame) { state.withLock { $0.queue.append(frame) } }

    /// Gives what can be given now.
    func pump() {
        while let delivery = state.withLock({ $0.takeDelivery(goesOn) }) {
            let (frame, time) = (delivery.frame, GstClockTime(delivery.time / .nanoseconds(1)))
            cgst_push(delivery.source.pointer, frame.buffer.pointer, frame.format.caps.pointer, time)
            state.withLock { if $0.intake?.number == delivery.number { $0.intake?.isGiven = false } }
        }
        if let demand = state.withLock({ $0.takeDemand(goesOn) }) { MainLoop.post(demand) }
    }

    // MARK: - For the output

    /// From now on frames go into this appsrc, from those of `format` on. One that was overtaken gets none.
    func open(_ source: GObjectRef<Element>, number: Int, for format: StreamFormat) {
        state.withLock {
            guard number > $0.newest else { return }
            $0.newest = number
            $0.intake = Intake(number: number, source: source, format: format, lastGiven: MainLoop.now)
            $0.hasDemanded = false
        }
    }

    /// Its appsrc has nothing left.
    func hungers(number: Int) {
        state.withLock { if $0.intake?.number == number { $0.intake?.isHungry = true } }
        pump()
    }

    func close(number: Int) {
        state.withLock { if $0.intake?.number == number { $0.intake = nil } }
        pump()
    }

    /// Since when the pipeline has taken nothing, though frames wait for it.
    var waitingSince: Instant? {
        state.withLock { state in
            state.intake.flatMap { $0.isHungry || state.queue.first == nil ? nil : $0.lastGiven }
        }
    }
}

extension OutputFeed.State {
    fileprivate mutating func takeDelivery(
        _ goesOn: (StreamFormat, StreamFormat) -> Bool
    ) -> OutputFeed.Delivery? {
        guard let intake, intake.isHungry, !intake.isGiven, let next = queue.first, goesOn(intake.format, next.format),
            let frame = queue.takeFirst()
        else { return nil }
        let origin = intake.origin ?? frame.time
        self.intake?.origin = origin
        self.intake?.isHungry = false
        self.intake?.isGiven = true
        self.intake?.lastGiven = MainLoop.now
        given += 1
        return OutputFeed.Delivery(
            number: intake.number, source: intake.source, frame: frame, time: frame.time - origin)
    }

    fileprivate mutating func takeDemand(
        _ goesOn: (StreamFormat, StreamFormat) -> Bool
    ) -> (@MainLoop () -> Void)? {
        guard !hasDemanded, let demand, let format = queue.first?.format,
            intake.map({ !goesOn($0.format, format) }) ?? true
        else { return nil }
        hasDemanded = true
        return { demand(format) }
    }
}

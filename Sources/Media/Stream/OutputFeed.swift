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
    /// Told, once until one opens, that frames wait and no pipeline that can take them is there.
    typealias Demand = @MainLoop () -> Void

    fileprivate struct State {
        var queue: FrameQueue<EncodedFrame>
        var intake: Intake?
        var hasDemanded = false
        var demand: Demand?
        var given = 0
    }

    /// The beginning of the present pipeline.
    fileprivate struct Intake {
        let number: Int
        let source: GObjectRef<Element>
        let format: StreamFormat
        /// The stream's time at which this pipeline's time began.
        var origin: Duration?
        var isHungry = false
        var lastGiven: Instant
    }

    fileprivate struct Delivery {
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

    var awaitsKeyframe: Bool { state.withLock(\.queue.awaitsKeyframe) }
    /// What waits for a pipeline.
    var nextFormat: StreamFormat? { state.withLock(\.queue.first?.format) }
    var given: Int { state.withLock(\.given) }
    var dropped: Int { state.withLock(\.queue.dropped) }

    // MARK: - For the stream

    func append(_ frame: EncodedFrame) { state.withLock { $0.queue.append(frame) } }

    /// Gives what can be given now.
    func pump() {
        let (delivery, demand) = state.withLock { ($0.takeDelivery(goesOn), $0.takeDemand(goesOn)) }
        if let demand { MainLoop.post(demand) }
        guard let delivery else { return }
        let time = GstClockTime(delivery.time / .nanoseconds(1))
        cgst_push(delivery.source.pointer, delivery.frame.buffer.pointer, delivery.frame.format.caps.pointer, time)
    }

    // MARK: - For the output

    /// From now on frames go into this appsrc, from those of `format` on.
    func open(_ source: GObjectRef<Element>, number: Int, for format: StreamFormat) {
        state.withLock {
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
    }

    /// Whether the pipeline has taken nothing for so long, though it was given something.
    func isStuck(for limit: Duration, at now: Instant) -> Bool {
        state.withLock {
            guard let intake = $0.intake, !intake.isHungry, $0.queue.first != nil else { return false }
            return intake.lastGiven + limit <= now
        }
    }
}

extension OutputFeed.State {
    fileprivate mutating func takeDelivery(
        _ goesOn: (StreamFormat, StreamFormat) -> Bool
    ) -> OutputFeed.Delivery? {
        guard let intake, intake.isHungry, let next = queue.first, goesOn(intake.format, next.format),
            let frame = queue.takeFirst()
        else { return nil }
        let origin = intake.origin ?? frame.time
        self.intake?.origin = origin
        self.intake?.isHungry = false
        self.intake?.lastGiven = MainLoop.now
        given += 1
        return OutputFeed.Delivery(source: intake.source, frame: frame, time: frame.time - origin)
    }

    fileprivate mutating func takeDemand(
        _ goesOn: (StreamFormat, StreamFormat) -> Bool
    ) -> OutputFeed.Demand? {
        guard !hasDemanded, let format = queue.first?.format, intake.map({ !goesOn($0.format, format) }) ?? true
        else { return nil }
        hasDemanded = true
        return demand
    }
}

// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Synchronization
import Timing

/// The way of a stream's frames into one output: a queue, and whichever pipeline takes from it at the moment.
///
/// What is to be done is done on the thread that finds it: the stream's or the pipeline's. Nobody waits, and no lock is
/// held while a frame is given or let go.
final class OutputFeed: Sendable {
    /// Told that frames of this format wait and no pipeline that can take them is there.
    typealias Demand = @MainLoop (StreamFormat) -> Void
    private typealias Core = OutputFeedCore<EncodedFrame, GObjectRef<Element>>

    private let core: Mutex<Core>
    private let demand = Mutex<Demand>({ _ in })

    init(bound: FrameBound, reach: OutputRecipe.Reach) {
        core = Mutex(Core(bound: bound, reach: reach))
    }

    func whenDemanded(_ demand: @escaping Demand) { self.demand.withLock { $0 = demand } }

    var wantsKeyframe: Bool { core.withLock(\.wantsKeyframe) }
    var nextFormat: StreamFormat? { core.withLock(\.nextFormat) }
    var waitingSince: Instant? { core.withLock(\.waitingSince) }
    var given: Int { core.withLock(\.given) }
    var dropped: Int { core.withLock(\.dropped) }

    // MARK: - For the stream

    /// Gives what is dropped for it.
    func append(_ frame: EncodedFrame) -> [EncodedFrame] { core.withLock { $0.append(frame) } }

    /// Does what there is to do now.
    func pump() {
        while let step = core.withLock({ $0.next(at: MainLoop.now) }) {
            switch step {
            case .give(let frame, let time, let source, let number):
                let time = GstClockTime(time / .nanoseconds(1))
                let sent = frame.sent.map { guint64($0) } ?? .max
                cgst_push(source.pointer, frame.buffer.pointer, frame.caps.pointer, time, sent)
                core.withLock { $0.arrived(number: number) }
            case .demand(let format):
                MainLoop.post { [demand = demand.withLock(\.self)] in demand(format) }
            }
        }
    }

    // MARK: - For the output

    /// From now on frames go into this appsrc, from those of `format` on. One that was overtaken gets none.
    func open(_ source: GObjectRef<Element>, number: Int, for format: StreamFormat) {
        _ = core.withLock { $0.open(source, number: number, for: format, at: MainLoop.now) }
    }

    /// Its appsrc has nothing left.
    func hungers(number: Int) {
        core.withLock { $0.hungers(number: number) }
        pump()
    }

    func close(number: Int) {
        _ = core.withLock { $0.close(number: number) }
        pump()
    }
}

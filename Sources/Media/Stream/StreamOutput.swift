// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Timing

/// Somebody who wants a camera's frames: a pipeline of its own behind a bounded queue.
///
/// It stays through the camera's sessions and through its own faults. Nothing that it does reaches the watch or another
/// output.
@MainLoop
package final class StreamOutput {
    package enum Event: Equatable, Sendable {
        case began(StreamFormat)
        /// The next pipeline begins after this delay, once there are frames.
        case failed(Fault, retryIn: Duration)
        /// One did not bring to an end what it was given.
        case unfinished(Fault)
        /// Frames wait, but too many pipelines have not left: none begins before one of them is gone.
        case blocked
        /// A teardown hangs, with what it holds.
        case closingLate
        case ended
    }

    private let recipe: OutputRecipe
    private let stream: CameraStream
    private let feed: OutputFeed
    private let events: (Event) -> Void
    private var core: OutputCore
    private var pipelines: [Int: OutputPipeline] = [:]
    /// What happened while the last event was still at work.
    private var waiting: [(event: OutputCore.Event, fault: Fault?)] = []
    private var isAtWork = false
    /// What the core is being told of.
    private var fault: Fault?
    /// The one that was demanded last.
    private var format: StreamFormat?
    private var deadline: Deadline?

    /// Takes frames from now on, until `end`.
    package convenience init(
        _ recipe: OutputRecipe, of stream: CameraStream, events: @escaping @MainLoop (Event) -> Void = { _ in }
    ) {
        self.init(recipe, of: stream, core: OutputCore(), events: events)
    }

    init(
        _ recipe: OutputRecipe, of stream: CameraStream, core: OutputCore, events: @escaping @MainLoop (Event) -> Void
    ) {
        self.recipe = recipe
        self.stream = stream
        self.core = core
        self.events = events
        feed = OutputFeed(bound: recipe.bound, reach: recipe.reach)
        deadline = Deadline { [weak self] in self?.tell(.tick(waitingSince: self?.feed.waitingSince)) }
        feed.whenDemanded { [weak self] in
            self?.format = $0
            self?.tell(.demanded)
        }
        stream.attach(feed)
    }

    isolated deinit {
        stream.detach(feed)
    }

    /// Frames that its pipelines were given.
    package var given: Int { feed.given }
    /// Frames that it was too slow for.
    package var dropped: Int { feed.dropped }

    /// Takes no more frames; brings to an end what it was given, and says when it has `ended`.
    package func end() {
        stream.detach(feed)
        tell(.end)
    }

    /// Tells the core, and finishes what follows before the next event: an owner who is told may end it.
    private func tell(_ event: OutputCore.Event, of fault: Fault? = nil) {
        waiting.append((event, fault))
        guard !isAtWork else { return }
        isAtWork = true
        defer { isAtWork = false }
        while !waiting.isEmpty {
            let (event, fault) = waiting.removeFirst()
            self.fault = fault
            for action in core.handle(event, at: MainLoop.now, jitter: .random(in: -1...1)) { perform(action) }
        }
        deadline?.arm(at: core.nextDeadline)
    }

    private func perform(_ action: OutputCore.Action) {
        switch action {
        case .begin(let number): begin(number)
        case .drain(let number): pipelines[number]?.drain()
        case .tearDown(let number): pipelines[number]?.tearDown()
        case .reportUnfinished: events(.unfinished(fault(else: "it did not end in time")))
        case .reportFault(let reason, _, let delay):
            events(.failed(fault(else: reason.words), retryIn: delay))
        case .reportBlocked: events(.blocked)
        case .reportEnded: events(.ended)
        }
    }

    private func begin(_ number: Int) {
        guard let format = feed.nextFormat ?? format else { preconditionFailure("nobody has demanded it") }
        // It keeps us until it is gone.
        pipelines[number] = OutputPipeline(number, of: recipe, for: format, from: stream, through: feed) { [self] in
            heard($0, from: number)
        }
        events(.began(format))
    }

    private func fault(else words: String) -> Fault {
        fault ?? Fault(of: .output(recipe.name), words)
    }

    private func heard(_ news: OutputPipeline.News, from number: Int) {
        switch news {
        case .started: tell(.started(number))
        case .failed(let fault): tell(.failed(number), of: fault)
        case .drained: tell(.drained(number))
        case .late: events(.closingLate)
        case .gone:
            pipelines[number] = nil
            tell(.gone(number))
        }
    }
}

extension OutputCore.Reason {
    fileprivate var words: String {
        switch self {
        case .failed: "it failed"
        case .tooSlowToStart: "it does not start"
        case .stuck: "it takes no frames"
        }
    }
}

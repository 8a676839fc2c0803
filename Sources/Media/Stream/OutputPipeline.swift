// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Synchronization
import Timing

/// One pipeline of an output. Each of its steps may hang, so none of them is taken on the loop.
final class OutputPipeline: Sendable {
    enum News: Equatable, Sendable {
        case started
        case failed(Fault)
        case drained
        case gone
        /// Its teardown, or the end of its making before that, is over the limit.
        case late
    }

    private enum Stage: Sendable {
        case making
        case made(Parts)
        /// It could not be made, or is gone.
        case nothing
        /// Nobody wants it any more, though it is still being made.
        case unwanted
    }

    private struct Parts: Sendable {
        let pipeline: LastReference
        let source: GObjectRef<Element>
    }

    private let number: Int
    private let owner: Fault.Owner
    private let feed: OutputFeed
    private let tell: @MainLoop (News) -> Void
    private let stage = Mutex(Stage.making)
    /// Of a making that nobody waits for any more.
    @MainLoop private var deadline: Deadline?

    init(
        _ number: Int, of recipe: OutputRecipe, for format: StreamFormat, from stream: CameraStream,
        through feed: OutputFeed, tell: @escaping @MainLoop (News) -> Void
    ) {
        self.number = number
        self.feed = feed
        self.tell = tell
        owner = .output(recipe.name)
        startThread("output") { [self] in
            do throws(MediaError) {
                play(try make(recipe, format, stream), format)
            } catch {
                post(finishMaking(.nothing) ? .failed(Fault(of: owner, error.description)) : .gone)
            }
        }
    }

    private func make(
        _ recipe: OutputRecipe, _ format: StreamFormat, _ stream: CameraStream
    ) throws(MediaError) -> Parts {
        let pipeline = try Element.pipeline(
            "appsrc name=source is-live=true format=time max-bytes=0 max-buffers=1 ! \(recipe.description(format))")
        let source = try pipeline.pointer.part(named: "source")
        try recipe.furnish(pipeline.pointer)
        PipelineMessages.handle(of: pipeline.pointer) { [weak self] in self?.heard($0) }
        KeyframeRequest.handle(at: source.pointer) { [weak stream] in stream?.wantKeyframe() }
        AppSource.whenHungry(source.pointer) { [feed, number] in feed.hungers(number: number) }
        return Parts(pipeline: LastReference(pipeline), source: source)
    }

    private func play(_ parts: Parts, _ format: StreamFormat) {
        feed.open(parts.source, number: number, for: format)
        guard finishMaking(.made(parts)) else {
            feed.close(number: number)
            parts.pipeline.tearDown()
            return post(.gone)
        }
        // A failure tells of itself.
        if parts.pipeline.play() { post(.started) }
    }

    /// Notes what came of the making; false if nobody wants it any more.
    private func finishMaking(_ result: Stage) -> Bool {
        stage.withLock {
            guard case .making = $0 else { return false }
            $0 = result
            return true
        }
    }

    private func heard(_ message: Message) {
        if message.tellsOfNewThread { ProcessorCore.release() }
        if let fault = message.fault(in: owner) { post(.failed(fault)) }
        if cgst_message_type(message) == GST_MESSAGE_EOS { post(.drained) }
    }

    /// It is given nothing more, and says when all that it was given has come out.
    func drain() {
        let stage = stage.withLock { $0 }
        feed.close(number: number)
        // One that is not made yet has nothing to bring to an end.
        if case .made(let parts) = stage { cgst_end(parts.source.pointer) } else { post(.drained) }
    }

    @MainLoop
    func tearDown() {
        let before = stage.withLock { stage in
            defer { if case .making = stage { stage = .unwanted } else { stage = .nothing } }
            return stage
        }
        // Only now, as it opens before it is made.
        feed.close(number: number)
        switch before {
        // Who makes it will find that, and tell the rest.
        case .making:
            deadline = Deadline { [tell] in tell(.late) }
            deadline?.arm(at: MainLoop.now + Teardown.limit)
        case .unwanted: break
        case .nothing: post(.gone)
        case .made(let parts):
            Teardown.begin({ parts.pipeline.tearDown() }) { [tell] in
                switch $0 {
                case .overdue: tell(.late)
                case .done: tell(.gone)
                }
            }
        }
    }

    private func post(_ news: News) {
        MainLoop.post { [self] in
            if news == .gone { deadline = nil }
            tell(news)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling
import Synchronization
import Timing

/// A camera's encoded frames, for as long as there is the camera: its sessions come and go, and outputs stay.
///
/// The rules:
///
/// 1. Frames are those of one session, until a newer one brings a keyframe. Older ones are not heard from then on.
/// 2. After a break (a new session, another format) the first frame that goes out is a keyframe. Who joins begins with
///    the newest keyframe that is kept, or waits for the next one, which is asked for.
/// 3. A frame goes into each output's queue, which never waits. While there is no output nothing is wanted, and sources
///    need not even put packets together.
///
/// For any thread: sources bring frames on theirs.
package final class CameraStream: Sendable {
    /// May be called on any thread, time and again.
    typealias KeyframeOrder = @Sendable () -> Void

    fileprivate struct Source {
        let session: Int
        let askForKeyframe: KeyframeOrder?
    }

    fileprivate struct State {
        var sources: [Source] = []
        /// The session that is heard.
        var session: Int?
        var format: StreamFormat?
        var awaitsKeyframe = true
        var clock = StreamClock()
        /// The newest keyframe and what came after it, for whoever begins in the middle.
        var group: FrameQueue<EncodedFrame>
        var feeds: [OutputFeed] = []
    }

    private let state: Mutex<State>
    private let wanted = Atomic(false)

    package init(keeping bound: FrameBound = FrameBound()) {
        state = Mutex(State(group: FrameQueue(bound: bound)))
    }

    /// Whether anybody takes frames. A glance without a lock: a frame more or less is no matter.
    var isWanted: Bool { wanted.load(ordering: .relaxed) }

    // MARK: - For sources

    /// From now on frames of `session` may come; one that gives no keyframe on demand has no `askForKeyframe`.
    func begin(session: Int, askForKeyframe: KeyframeOrder?) {
        state.withLock { $0.sources.append(Source(session: session, askForKeyframe: askForKeyframe)) }
        if isWanted { askForKeyframe?() }
    }

    func end(session: Int) {
        change { state in
            state.sources.removeAll { $0.session == session }
            guard state.session == session else { return [] }
            state.session = nil
            return state.breakOff()
        }
    }

    /// Takes the next frame of a session; `time` is the session's own, where it has one.
    func take(
        _ buffer: UnsafeMutablePointer<GstBuffer>, _ caps: MiniObject<GstCaps>, _ format: StreamFormat,
        at time: Duration?, sent: UInt32?, session: Int
    ) {
        let arrival = MainLoop.now
        let size = Int(gst_buffer_get_size(buffer))
        let isKeyframe = cgst_is_keyframe(buffer) != 0
        var (feeds, order): ([OutputFeed], KeyframeOrder?) = ([], nil)
        change { state in
            guard let source = state.sources.first(where: { $0.session == session }),
                session >= state.session ?? session, !state.feeds.isEmpty
            else { return [] }
            let goesOn = state.session == session
            guard isKeyframe || (goesOn && state.format == format && !state.awaitsKeyframe) else {
                order = source.askForKeyframe
                return goesOn && state.format != format ? state.breakOff(with: format) : []
            }
            var released = goesOn && state.format == format ? [] : state.breakOff(with: format)
            (state.session, state.awaitsKeyframe) = (session, false)
            let frame = EncodedFrame(
                buffer: MiniObject(retaining: buffer), caps: caps, format: format, isKeyframe: isKeyframe, size: size,
                sent: sent, time: state.clock.stamp(time, in: session, arrivedAt: arrival))
            released += state.group.appendToNewestGroup(frame)
            // In here, so that a reader who joins meanwhile misses none and gets none twice.
            for feed in state.feeds { released += feed.append(frame) }
            feeds = state.feeds
            order = feeds.contains(where: \.wantsKeyframe) ? source.askForKeyframe : nil
            return released
        }
        for feed in feeds { feed.pump() }
        order?()
    }

    // MARK: - For outputs

    func attach(_ feed: OutputFeed) {
        var order: KeyframeOrder?
        change { state in
            state.feeds.append(feed)
            wanted.store(true, ordering: .relaxed)
            if state.group.frames.isEmpty { order = state.keyframeOrder }
            return state.group.frames.flatMap(feed.append)
        }
        feed.pump()
        order?()
    }

    func detach(_ feed: OutputFeed) {
        change { state in
            state.feeds.removeAll { $0 === feed }
            guard state.feeds.isEmpty else { return [] }
            wanted.store(false, ordering: .relaxed)
            // What comes next does not follow what is kept.
            return state.breakOff()
        }
    }

    /// Somebody's decoder lost its way.
    func wantKeyframe() {
        state.withLock(\.keyframeOrder)?()
    }

    /// What `body` gives is freed once the lock is open, as freeing is work.
    private func change(_ body: (inout State) -> [EncodedFrame]) {
        _ = state.withLock { body(&$0) }
    }
}

extension CameraStream.State {
    /// Where a keyframe is to come from.
    fileprivate var keyframeOrder: CameraStream.KeyframeOrder? {
        (sources.first { $0.session == session } ?? sources.last)?.askForKeyframe
    }

    /// Gives the frames that were kept.
    fileprivate mutating func breakOff(with format: StreamFormat? = nil) -> [EncodedFrame] {
        self.format = format
        awaitsKeyframe = true
        return group.takeAll()
    }
}

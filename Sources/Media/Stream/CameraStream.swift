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
/// 1. Frames are those of the session that began last. One that ended, or another's, is not heard.
/// 2. After a break (a new session, another format) the first frame that goes out is a keyframe. Who joins begins with
///    the newest keyframe that is kept, or waits for the next one, which is asked for.
/// 3. A frame goes into each output's queue, which never waits. While there is no output nothing is wanted, and sources
///    need not even put packets together.
///
/// For any thread: sources bring frames on theirs.
package final class CameraStream: Sendable {
    fileprivate struct State {
        var session: Int?
        var askForKeyframe: @Sendable () -> Void = {}
        var format: StreamFormat?
        var awaitsKeyframe = true
        var clock = StreamClock()
        var group: PictureGroup<EncodedFrame>
        var feeds: [OutputFeed] = []
    }

    private let state: Mutex<State>
    private let wanted = Atomic(false)

    package init(keeping bound: FrameBound = FrameBound()) {
        state = Mutex(State(group: PictureGroup(bound: bound)))
    }

    /// Whether anybody takes frames. A glance without a lock: a frame more or less is no matter.
    var isWanted: Bool { wanted.load(ordering: .relaxed) }

    // MARK: - For sources

    /// From now on frames are those of `session`. `askForKeyframe` may be called on any thread, time and again.
    func begin(session: Int, askForKeyframe: @escaping @Sendable () -> Void) {
        state.withLock {
            $0.session = session
            $0.askForKeyframe = askForKeyframe
            $0.breakOff()
        }
        if isWanted { askForKeyframe() }
    }

    func end(session: Int) {
        state.withLock {
            guard $0.session == session else { return }
            $0.session = nil
            $0.askForKeyframe = {}
            $0.breakOff()
        }
    }

    /// Takes the next frame of a session; `time` is the session's own, where it has one.
    func take(
        _ buffer: UnsafeMutablePointer<GstBuffer>, _ format: StreamFormat, at time: Duration?, sent: UInt32?,
        session: Int
    ) {
        let arrival = MainLoop.now
        let size = Int(gst_buffer_get_size(buffer))
        let isKeyframe = cgst_is_keyframe(buffer) != 0
        let (feeds, ask) = state.withLock { state -> ([OutputFeed], (@Sendable () -> Void)?) in
            guard state.session == session, !state.feeds.isEmpty else { return ([], nil) }
            if state.format != format { state.breakOff(with: format) }
            guard isKeyframe || !state.awaitsKeyframe else { return ([], state.askForKeyframe) }
            state.awaitsKeyframe = false
            let frame = EncodedFrame(
                buffer: MiniObject(retaining: buffer), format: format, isKeyframe: isKeyframe, size: size, sent: sent,
                arrived: arrival, time: state.clock.time(of: time, in: session, arrivedAt: arrival))
            state.group.append(frame)
            // In here, so that a reader who joins meanwhile misses none and gets none twice.
            for feed in state.feeds { feed.append(frame) }
            return (state.feeds, state.feeds.contains(where: \.wantsKeyframe) ? state.askForKeyframe : nil)
        }
        for feed in feeds { feed.pump() }
        ask?()
    }

    // MARK: - For outputs

    func attach(_ feed: OutputFeed) {
        let ask = state.withLock { state in
            state.feeds.append(feed)
            for frame in state.group.frames { feed.append(frame) }
            wanted.store(true, ordering: .relaxed)
            return state.group.frames.isEmpty ? state.askForKeyframe : nil
        }
        feed.pump()
        ask?()
    }

    func detach(_ feed: OutputFeed) {
        state.withLock { state in
            state.feeds.removeAll { $0 === feed }
            guard state.feeds.isEmpty else { return }
            wanted.store(false, ordering: .relaxed)
            // What comes next does not follow what is kept.
            state.breakOff()
        }
    }

    /// Somebody's decoder lost its way.
    func wantKeyframe() {
        state.withLock(\.askForKeyframe)()
    }
}

extension CameraStream.State {
    fileprivate mutating func breakOff(with format: StreamFormat? = nil) {
        self.format = format
        awaitsKeyframe = true
        group.clear()
    }
}

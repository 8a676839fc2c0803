// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Synchronization
import Timing

/// Work that may hang, on a thread of its own; says so when it takes too long.
///
/// One that hangs costs the process its own thread and a peer's 15 to 20, its pipeline and its sockets. Nobody waits for
/// it, and the watch goes on; `Station` ends the process when there are too many.
@MainLoop
enum Teardown {
    enum Progress: Equatable, Sendable {
        /// It may still end, or never.
        case overdue
        case done(after: Duration)
    }

    static let limit = Duration.seconds(10)

    /// Starts `work` at once; `.done` is the last report.
    static func begin(
        limit: Duration = limit, _ work: @escaping @Sendable () -> Void,
        report: @escaping @MainLoop (Progress) -> Void
    ) {
        let start = MainLoop.now
        let deadline = Deadline { report(.overdue) }
        deadline.arm(at: start + limit)
        startThread("teardown") {
            work()
            MainLoop.post {
                deadline.arm(at: nil)
                report(.done(after: start.duration(to: MainLoop.now)))
            }
        }
    }
}

/// The reference that keeps a pipeline until it is torn down, wherever that happens.
final class LastReference: Sendable {
    private let content: Mutex<GObjectRef<Element>?>

    init(_ pipeline: GObjectRef<Element>) { content = Mutex(pipeline) }

    /// False if it can't play, or is torn down already.
    func play() -> Bool {
        guard let pipeline = content.withLock({ $0 }) else { return false }
        return gst_element_set_state(pipeline.pointer, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE
    }

    /// In the order that neither leaks nor crashes. webrtcbin dies on this thread.
    func tearDown() {
        guard let pipeline = content.withLock({ $0.take() }) else { return }
        let bus = gst_element_get_bus(pipeline.pointer)
        gst_bus_set_sync_handler(bus, nil, nil, nil)
        gst_bus_set_flushing(bus, 1)
        gst_element_set_state(pipeline.pointer, GST_STATE_NULL)
        gst_object_unref(bus)
    }
}

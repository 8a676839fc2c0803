// SPDX-License-Identifier: Apache-2.0

import Timing
import Watchdog

/// A watchdog in virtual time: what was done, and when, in seconds.
struct Stream {
    struct Deed: Equatable, CustomStringConvertible {
        let at: Double
        let action: FrameWatchdog.Action
        var description: String { "\(at): \(action)" }
    }

    private(set) var watchdog: FrameWatchdog
    private(set) var deeds: [Deed] = []
    private(set) var now = 0.0
    var jitter = 0.0
    private var timestamp: UInt32 = 0

    init(_ change: (inout FrameWatchdog.Policy) -> Void = { _ in }) {
        var policy = FrameWatchdog.Policy()
        change(&policy)
        watchdog = FrameWatchdog(policy: policy)
    }

    /// Connected at 0 s, with a frame each 40 ms until `end`.
    static func flowing(until end: Double, _ change: (inout FrameWatchdog.Policy) -> Void = { _ in }) -> Stream {
        var stream = Stream(change)
        stream.handle(.offered, at: 0)
        stream.handle(.connected, at: 0)
        stream.flow(until: end)
        return stream
    }

    var nextDeadline: Double? { watchdog.nextDeadline?.sinceOrigin.inSeconds }

    /// Lets time pass, with a tick at each deadline on the way.
    mutating func wait(until end: Double) {
        while let deadline = nextDeadline, deadline <= end {
            let before = deeds.count
            handle(.tick, at: deadline)
            precondition(deeds.count > before || nextDeadline != deadline, "a tick at \(deadline) changed nothing")
        }
        now = end
    }

    /// Handles one event after all the ticks that are due before it.
    mutating func after(_ seconds: Double, _ event: FrameWatchdog.Event) {
        wait(until: seconds)
        handle(event, at: seconds)
    }

    /// Handles one event and nothing else, at whatever time.
    mutating func handle(_ event: FrameWatchdog.Event, at seconds: Double) {
        now = seconds
        let actions = watchdog.handle(event, at: instant(seconds), jitter: jitter)
        deeds += actions.map { Deed(at: seconds, action: $0) }
    }

    mutating func frame(at seconds: Double, isOlder: Bool = false) {
        timestamp += 3000
        after(seconds, isOlder ? .olderFrame(timestamp: timestamp) : .frame(timestamp: timestamp))
    }

    /// A frame with the timestamp of the one before.
    mutating func repeatedFrame(at seconds: Double) {
        after(seconds, .frame(timestamp: timestamp))
    }

    mutating func flow(
        from start: Double = 0, until end: Double, every interval: Double = 0.04, isOlder: Bool = false
    ) {
        for index in 0...Int(((end - start) / interval).rounded()) {
            frame(at: start + Double(index) * interval, isOlder: isOlder)
        }
    }

    /// What was done since `start`.
    func deeds(since start: Double) -> [Deed] { deeds.filter { $0.at >= start } }

    /// The seconds at which a request was made.
    var requests: [Double] {
        deeds.compactMap { if case .attempt = $0.action { $0.at } else { nil } }
    }
}

func instant(_ seconds: Double) -> Instant {
    Instant(sinceOrigin: .microseconds(Int64((seconds * 1e6).rounded())))
}

func deed(_ at: Double, _ action: FrameWatchdog.Action) -> Stream.Deed { Stream.Deed(at: at, action: action) }

func attempt(
    _ at: Double, _ trouble: FrameWatchdog.Trouble = .silence, silence: Duration
) -> [Stream.Deed] {
    [deed(at, .attempt(trouble, silence: silence))]
}

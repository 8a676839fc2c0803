// SPDX-License-Identifier: Apache-2.0

import CAllocations
import Timing
import Watchdog

/// Times the path that every frame takes, and counts its allocations.
@main
struct WatchdogBenchmark {
    static let frames = 20_000_000
    static let rounds = 5

    static func main() {
        let watchdog = (0..<rounds).map { _ in measure(watchdogAlone) }.sorted { $0.time < $1.time }[rounds / 2]
        let both = (0..<rounds).map { _ in measure(watchdogAndMeter) }.sorted { $0.time < $1.time }[rounds / 2]
        print("frames a round \(frames), medians of \(rounds) rounds")
        print("FrameWatchdog               \(watchdog)")
        print("FrameWatchdog + FrameMeter  \(both)")
        let simulated = Double(frames) / 30 / both.time.inSeconds
        print("simulated seconds a second at 30 fps, one core: \(Int(simulated))")
    }

    struct Cost: CustomStringConvertible {
        let time: Duration
        let allocations: UInt

        var description: String {
            let nanoseconds = Double(Int(time.inSeconds * 1e10 / Double(frames))) / 10
            let each = Double(allocations) / Double(frames)
            return "\(nanoseconds) ns a frame, \(each) allocations a frame (\(allocations) in all)"
        }
    }

    static func measure(_ stream: () -> Int) -> Cost {
        let before = allocations()
        let clock = ContinuousClock()
        let start = clock.now
        let deeds = stream()
        let time = start.duration(to: clock.now)
        precondition(deeds == 0, "a stream that flows asks for nothing")
        return Cost(time: time, allocations: UInt(allocations() - before))
    }

    static func connectedWatchdog() -> FrameWatchdog {
        var watchdog = FrameWatchdog(policy: FrameWatchdog.Policy())
        let start = Instant(sinceOrigin: .zero)
        _ = watchdog.handle(.offered, at: start, jitter: 0)
        _ = watchdog.handle(.connected, at: start, jitter: 0)
        return watchdog
    }

    static func watchdogAlone() -> Int {
        var watchdog = connectedWatchdog()
        var now = Instant(sinceOrigin: .zero)
        var deeds = 0
        for frame in 0..<UInt32(frames) {
            now += .nanoseconds(33_333_333)
            deeds += watchdog.handle(.frame(timestamp: frame &* 3000), at: now, jitter: 0).count
        }
        return deeds
    }

    static func watchdogAndMeter() -> Int {
        var watchdog = connectedWatchdog()
        var meter = FrameMeter()
        var now = Instant(sinceOrigin: .zero)
        var deeds = 0
        for frame in 0..<UInt32(frames) {
            now += .nanoseconds(33_333_333)
            deeds += watchdog.handle(.frame(timestamp: frame &* 3000), at: now, jitter: 0).count
            if let reading = meter.record(at: now) { deeds += reading.total < 0 ? 1 : 0 }
        }
        return deeds
    }
}

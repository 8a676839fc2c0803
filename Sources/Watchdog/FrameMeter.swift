// SPDX-License-Identifier: Apache-2.0

import Timing

/// Counts a stream's frames: a reading each 60 frames, the rate right now, and a histogram of intervals.
package struct FrameMeter: Sendable {
    /// What the log says each 60 frames.
    package struct Reading: Equatable, Sendable {
        package let total: Int
        /// Measured over these 60 frames alone, so that a drop shows at once.
        package let fps: Double
    }

    package static let framesPerReading = 60

    package private(set) var total = 0
    package private(set) var intervals = DurationHistogram(bounds: [
        .milliseconds(10), .milliseconds(20), .milliseconds(35), .milliseconds(50), .milliseconds(70),
        .milliseconds(100), .milliseconds(200), .milliseconds(500), .seconds(1), .seconds(2), .seconds(5), .seconds(10),
    ])
    private var last: Instant?
    private var readingStart: Instant?
    private var framesSinceStart = 0
    private var window = RollingCount()

    package init() {}

    /// Counts a frame; every 60th gives a reading.
    package mutating func record(at now: Instant) -> Reading? {
        total += 1
        window.add(at: now)
        if let last { intervals.record(last.duration(to: now)) }
        last = now
        guard let start = readingStart else {
            readingStart = now
            return nil
        }
        framesSinceStart += 1
        guard total % FrameMeter.framesPerReading == 0 else { return nil }
        let seconds = start.duration(to: now).inSeconds
        defer {
            readingStart = now
            framesSinceStart = 0
        }
        return Reading(total: total, fps: seconds > 0 ? Double(framesSinceStart) / seconds : 0)
    }

    /// Frames a second over the last 2 s.
    package mutating func fps(at now: Instant) -> Double {
        window.perSecond(at: now)
    }

    /// A new connection: the pause before it is no frame interval and belongs to no reading.
    package mutating func restart() {
        last = nil
        readingStart = nil
        framesSinceStart = 0
    }
}

/// Events of the last 2 s, in slots of 100 ms.
private struct RollingCount: Sendable {
    private static let slots = 20
    private static let slotLength = Duration.milliseconds(100)

    private var counts = InlineArray<20, Int>(repeating: 0)
    private var current = 0
    private var currentEnd: Instant?

    mutating func add(at now: Instant) {
        advance(to: now)
        counts[current] += 1
    }

    mutating func perSecond(at now: Instant) -> Double {
        advance(to: now)
        var sum = 0
        for slot in counts.indices { sum += counts[slot] }
        return Double(sum) / (RollingCount.slotLength * RollingCount.slots).inSeconds
    }

    private mutating func advance(to now: Instant) {
        guard var end = currentEnd else {
            currentEnd = now + RollingCount.slotLength
            return
        }
        var passed = 0
        while end <= now && passed < RollingCount.slots {
            current = (current + 1) % RollingCount.slots
            counts[current] = 0
            end += RollingCount.slotLength
            passed += 1
        }
        currentEnd = end <= now ? now + RollingCount.slotLength : end
    }
}

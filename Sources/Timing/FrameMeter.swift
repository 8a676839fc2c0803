// SPDX-License-Identifier: Apache-2.0

/// Counts a stream's frames: a reading every 60 frames, the present rate, and a histogram of intervals.
package struct FrameMeter: Sendable {
    /// What the log says every 60 frames.
    package struct Reading: Equatable, Sendable {
        package let total: Int
        /// Measured since the last reading, so that a drop shows at once, and within one connection. Frames that were
        /// held up and come all together count over the time of the delay, too.
        package let fps: Double
    }

    static let framesPerReading = 60
    /// Frames that seem to come faster were held up, in the network or because this process stood still.
    static let highestRate = 240.0

    private struct Span {
        let start: Instant
        /// How many came after the one that it starts with.
        var frames = 0

        func adding(_ next: Span) -> Span { Span(start: start, frames: frames + next.frames) }

        func fps(at end: Instant) -> Double { Double(frames) / start.duration(to: end).inSeconds }
    }

    package private(set) var total = 0
    package private(set) var intervals = DurationHistogram(bounds: [
        .milliseconds(10), .milliseconds(20), .milliseconds(35), .milliseconds(50), .milliseconds(70),
        .milliseconds(100), .milliseconds(200), .milliseconds(500), .seconds(1), .seconds(2), .seconds(5), .seconds(10),
    ])
    private var last: Instant?
    /// What the next reading measures, and what the last one did.
    private var span: Span?
    private var spanBefore: Span?
    /// The next frame is the first of a connection.
    private var isFresh = true
    private var window = RollingCount()

    package init() {}

    /// Counts a frame; every 60th gives a reading.
    package mutating func record(at now: Instant) -> Reading? {
        total += 1
        window.add(at: now)
        if !isFresh {
            span?.frames += 1
            if let last { intervals.record(last.duration(to: now)) }
        }
        let isDue = total % FrameMeter.framesPerReading == 0
        // A connection's first frame says nothing of a rate: those before it do.
        let reading = isDue ? Reading(total: total, fps: measure(until: isFresh ? last ?? now : now)) : nil
        if isDue || isFresh { span = Span(start: now) }
        if isFresh { spanBefore = nil }
        isFresh = false
        last = now
        return reading
    }

    private mutating func measure(until end: Instant) -> Double {
        guard let span else { return fps(at: end) }
        spanBefore = span.fps(at: end) <= FrameMeter.highestRate ? span : spanBefore?.adding(span)
        // Nobody knows for how long a burst at a connection's beginning was held up.
        return spanBefore?.fps(at: end) ?? fps(at: end)
    }

    /// Frames a second over the last 2 s.
    package func fps(at now: Instant) -> Double { window.perSecond(at: now) }

    /// A new connection: the pause before it is no frame interval and belongs to no reading.
    package mutating func restart() { isFresh = true }
}

/// Events of the last 2 s, in slots of 100 ms.
private struct RollingCount: Sendable {
    private static let slotLength = Duration.milliseconds(100)

    private var counts = InlineArray<20, Int>(repeating: 0)
    private var current = 0
    private var currentEnd: Instant?

    mutating func add(at now: Instant) {
        advance(to: now)
        counts[current] += 1
    }

    func perSecond(at now: Instant) -> Double {
        var present = self
        present.advance(to: now)
        let sum = counts.indices.reduce(0) { $0 + present.counts[$1] }
        return Double(sum) / (RollingCount.slotLength * counts.count).inSeconds
    }

    private mutating func advance(to now: Instant) {
        guard var end = currentEnd else {
            currentEnd = now + RollingCount.slotLength
            return
        }
        var passed = 0
        while end <= now && passed < counts.count {
            current = (current + 1) % counts.count
            counts[current] = 0
            end += RollingCount.slotLength
            passed += 1
        }
        currentEnd = end <= now ? now + RollingCount.slotLength : end
    }
}

// SPDX-License-Identifier: Apache-2.0

/// How many durations fell under each bound. Recording allocates nothing.
package struct DurationHistogram: Equatable, Sendable {
    /// Upper bounds, ascending; a duration belongs to the first that is not below it.
    package let bounds: [Duration]
    /// One count for each bound, and a last one for whatever is above all of them.
    package private(set) var counts: [UInt64]
    package private(set) var sum: Duration = .zero

    package var count: UInt64 { counts.reduce(0, +) }

    package init(bounds: [Duration]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    package mutating func record(_ duration: Duration) {
        var index = 0
        while index < bounds.count && bounds[index] < duration { index += 1 }
        counts[index] += 1
        sum += duration
    }
}

// SPDX-License-Identifier: Apache-2.0

import Timing

/// What happened of late, and when: at most so many, none of them older than so long.
struct Ring<Element: Sendable>: Sendable {
    typealias Entry = (at: Instant, element: Element)

    private var span: Duration
    private var capacity: Int
    private(set) var entries: [Entry] = []
    /// How many there have ever been.
    private var count = 0

    init(span: Duration, capacity: Int) {
        self.span = span
        self.capacity = capacity
    }

    mutating func append(_ element: Element, at now: Instant) {
        forget(at: now)
        entries.removeFirst(max(entries.count - capacity + 1, 0))
        entries.append((now, element))
        count += 1
    }

    mutating func forget(at now: Instant) {
        entries.removeFirst(entries.prefix { $0.at + span < now }.count)
    }

    /// The same for twice as long, and twice as many.
    var doubled: Ring {
        var ring = self
        (ring.span, ring.capacity) = (span * 2, capacity * 2)
        return ring
    }

    /// Those of an earlier state, and what has come since and is still here.
    func continuing(_ earlier: Ring) -> [Entry] { earlier.entries + entries.suffix(count - earlier.count) }
}

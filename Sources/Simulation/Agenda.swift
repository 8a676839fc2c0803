// SPDX-License-Identifier: Apache-2.0

import Timing

/// What is to happen, soonest first; at equal times in the order of planning.
///
/// Only rare events go through it; frames come from a `FrameStream`.
struct Agenda: Sendable {
    struct Entry: Sendable {
        var time: Instant
        let order: Int
        let occurrence: Occurrence

        static func < (left: Entry, right: Entry) -> Bool {
            left.time == right.time ? left.order < right.order : left.time < right.time
        }
    }

    private var heap: [Entry] = []
    private var planned = 0

    var nextTime: Instant { heap.first?.time ?? .never }

    mutating func plan(_ occurrence: Occurrence, at time: Instant) {
        planned += 1
        insert(Entry(time: time, order: planned, occurrence: occurrence))
    }

    /// Puts back what was taken out, for later, keeping its place among equals.
    mutating func postpone(_ entry: Entry, to time: Instant) {
        var later = entry
        later.time = time
        insert(later)
    }

    mutating func takeFirst() -> Entry? {
        guard let last = heap.popLast() else { return nil }
        guard let first = heap.first else { return last }
        var hole = 0
        while let child = smallerChild(of: hole), heap[child] < last {
            heap[hole] = heap[child]
            hole = child
        }
        heap[hole] = last
        return first
    }

    private mutating func insert(_ entry: Entry) {
        heap.append(entry)
        var hole = heap.count - 1
        while hole > 0 && entry < heap[(hole - 1) / 2] {
            heap[hole] = heap[(hole - 1) / 2]
            hole = (hole - 1) / 2
        }
        heap[hole] = entry
    }

    private func smallerChild(of parent: Int) -> Int? {
        let left = 2 * parent + 1
        guard left < heap.count else { return nil }
        return left + 1 < heap.count && heap[left + 1] < heap[left] ? left + 1 : left
    }
}

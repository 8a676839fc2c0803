// SPDX-License-Identifier: Apache-2.0

import Timing

/// A moment to be woken at, on the clock of `MainLoop.now`. It can be moved as often as one likes.
///
/// It fires once each time it is armed, never inside `arm`, and never once disarmed or let go. Deadlines that are due
/// together fire in the order of their instants.
@MainLoop
package final class Deadline {
    private let handler: @MainLoop () -> Void
    fileprivate let number: UInt64
    private var armed: Instant?

    package init(_ handler: @escaping @MainLoop () -> Void) {
        self.handler = handler
        number = Alarm.shared.nextNumber()
    }

    isolated deinit { arm(at: nil) }

    /// Moves the deadline; `nil` disarms it, and an instant that has passed fires at the loop's next turn.
    package func arm(at instant: Instant?) {
        if instant == armed { return }
        if let armed { Alarm.shared.cancel(number, at: armed) }
        armed = instant
        if let instant { Alarm.shared.set(self, at: instant) }
    }

    fileprivate func fire(for instant: Instant) {
        // One that fired just before may have moved it.
        guard armed == instant else { return }
        armed = nil
        handler()
    }
}

/// Wakes all deadlines by one timer: there may be thousands of peers, but not of descriptors.
@MainLoop
private final class Alarm {
    static let shared = Alarm()

    private struct Entry {
        let instant: Instant
        let number: UInt64
        weak var deadline: Deadline?
    }

    /// In the order in which they are due.
    private var entries: [Entry] = []
    private var lastNumber: UInt64 = 0
    private let timer = Timer()
    private var source: EventSource?

    private init() { source = EventSource(watching: timer.descriptor) { [weak self] in self?.ring() } }

    func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    func set(_ deadline: Deadline, at instant: Instant) {
        let entry = Entry(instant: instant, number: deadline.number, deadline: deadline)
        entries.insert(entry, at: position(of: entry.number, at: instant))
        timer.arm(at: entries.first?.instant)
    }

    func cancel(_ number: UInt64, at instant: Instant) {
        let index = position(of: number, at: instant)
        guard index < entries.count, entries[index].number == number else { return }
        entries.remove(at: index)
        timer.arm(at: entries.first?.instant)
    }

    private func ring() {
        timer.clear()
        let now = MainLoop.now
        let due = entries.prefix { $0.instant <= now }
        entries.removeFirst(due.count)
        Poller.shared.turn {
            for entry in due { entry.deadline?.fire(for: entry.instant) }
        }
        timer.arm(at: entries.first?.instant)
    }

    /// The first index whose entry is not due before this one.
    private func position(of number: UInt64, at instant: Instant) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            let entry = entries[middle]
            if (entry.instant, entry.number) < (instant, number) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

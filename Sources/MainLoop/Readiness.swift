// SPDX-License-Identifier: Apache-2.0

import CGLib
import Glibc

/// Calls back when a socket can be read or written, for as long as it lives.
///
/// All of them share one epoll descriptor, the only one that the loop polls: GLib would look at each of a thousand
/// sources in every turn. Handlers can use `atEndOfTurn` to send all that has gathered in a turn.
@MainLoop
package final class Readiness {
    private let descriptor: CInt
    private let handler: @MainLoop () -> Void
    private var number: UInt64 = 0
    private var events: UInt32

    /// Watches for something to read and, if told so, for room to write. The descriptor stays its owner's.
    package convenience init(of descriptor: CInt, _ handler: @escaping @MainLoop () -> Void) {
        self.init(of: descriptor, for: UInt32(EPOLLIN.rawValue), handler)
    }

    /// Watches only for the other side to hang up, whether or not all that it sent has been read.
    package convenience init(ofHangup descriptor: CInt, _ handler: @escaping @MainLoop () -> Void) {
        self.init(of: descriptor, for: UInt32(EPOLLRDHUP.rawValue), handler)
    }

    private init(of descriptor: CInt, for events: UInt32, _ handler: @escaping @MainLoop () -> Void) {
        self.descriptor = descriptor
        self.events = events
        self.handler = handler
        number = Poller.shared.add(self, descriptor, events)
    }

    isolated deinit {
        // By now the descriptor may be watched by another, or be another.
        Poller.shared.remove(descriptor, number)
    }

    /// Whether `handler` is to be called for room to write, too.
    package var awaitsRoom = false {
        didSet {
            guard awaitsRoom != oldValue else { return }
            events = UInt32(EPOLLIN.rawValue) | (awaitsRoom ? UInt32(EPOLLOUT.rawValue) : 0)
            Poller.shared.change(descriptor, events)
        }
    }

    /// Has `body` called after all that is ready now was handled; outside of such a turn, soon.
    package static func atEndOfTurn(_ body: @escaping @MainLoop () -> Void) { Poller.shared.defer(body) }

    fileprivate func call() { handler() }
}

@MainLoop
final class Poller {
    static let shared = Poller()

    private struct Watch {
        let number: UInt64
        weak var readiness: Readiness?
    }

    private let epoll = epoll_create1(CInt(EPOLL_CLOEXEC))
    private var watches: [CInt: Watch] = [:]
    private var lastNumber: UInt64 = 0
    private var ready = [epoll_event](repeating: epoll_event(), count: 256)
    private var deferred: [@MainLoop () -> Void] = []
    private var isInTurn = false
    private var source: EventSource?

    private init() {
        precondition(epoll >= 0, "no epoll: \(String(cString: strerror(errno)))")
        source = EventSource(watching: epoll) { [weak self] in self?.poll() }
    }

    func add(_ readiness: Readiness, _ descriptor: CInt, _ events: UInt32) -> UInt64 {
        lastNumber += 1
        let isWatched = watches.updateValue(Watch(number: lastNumber, readiness: readiness), forKey: descriptor) != nil
        control(isWatched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, events)
        return lastNumber
    }

    func change(_ descriptor: CInt, _ events: UInt32) { control(EPOLL_CTL_MOD, descriptor, events) }

    func remove(_ descriptor: CInt, _ number: UInt64) {
        guard watches[descriptor]?.number == number else { return }
        watches[descriptor] = nil
        control(EPOLL_CTL_DEL, descriptor, 0)
    }

    func `defer`(_ body: @escaping @MainLoop () -> Void) {
        deferred.append(body)
        if !isInTurn && deferred.count == 1 { MainLoop.post { Poller.shared.finishTurn() } }
    }

    private func control(_ operation: CInt, _ descriptor: CInt, _ events: UInt32) {
        var event = epoll_event(events: events, data: epoll_data_t(fd: descriptor))
        if epoll_ctl(epoll, operation, descriptor, &event) == 0 { return }
        // Closing a descriptor has taken it out of the set, though we thought it was watched.
        if operation == EPOLL_CTL_MOD { epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) }
    }

    private func poll() {
        // What comes meanwhile is handled without going through GLib's loop, but not for ever.
        for _ in 0..<Poller.roundsInTurn {
            let count = epoll_wait(epoll, &ready, CInt(ready.count), 0)
            guard count > 0 else { return }
            turn {
                for event in ready.prefix(Int(count)) { watches[event.data.fd]?.readiness?.call() }
            }
        }
    }

    private static let roundsInTurn = 4

    /// Runs `body`, then what was put off until the end of the turn.
    func turn(_ body: () -> Void) {
        isInTurn = true
        body()
        isInTurn = false
        finishTurn()
    }

    private func finishTurn() {
        let bodies = deferred
        deferred = []
        for body in bodies { body() }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Keeps what is unsent to one peer under `Limits.unsentBytes`. No socket says what it still holds; a numbered ping
/// after what was sent, and its pong, do.
///
/// The rules:
///
/// 1. Text is sent at once. Where it would break the bound even without the pictures that wait, the peer can't keep up
///    with talk and is closed (1013).
/// 2. A picture is sent while no more than `window` is on its way, or nothing is; otherwise it waits.
/// 3. Where a picture would break the bound the oldest waiting ones are dropped and counted; itself, where even all of
///    them would not make room.
/// 4. After something was sent one ping follows, and the next when its pong shows that more was sent since.
///
/// The payload that goes with a ping must not be one that a peer can guess, or it could confirm what it never read.
package struct OutgoingQueue<Message> {
    package enum Event {
        case text(Message, bytes: Int)
        case picture(Message, bytes: Int)
        /// The socket's heartbeat asks for a ping.
        case pingDue
        case pong(number: Int)
    }

    package enum Action {
        case send(Message)
        case ping(number: Int)
        /// Close the peer with 1013.
        case giveUp
    }

    private typealias Picture = (message: Message, bytes: Int)

    private struct Mark: Sendable {
        let number: Int
        /// All that had been sent before it.
        let sent: Int
    }

    /// Small, so that a pong is not late for the heartbeat behind pictures on a slow line.
    package static var window: Int { 512 * 1_024 }

    /// Pictures that the peer was too slow for.
    package private(set) var dropped = 0
    private var waiting: [Picture] = []
    private var waitingBytes = 0
    private var sent = 0
    private var confirmed = 0
    private var marks: [Mark] = []
    private var lastPing = 0
    private var hasGivenUp = false

    package init() {}

    /// What is on its way or waits.
    package var unsentBytes: Int { onItsWay + waitingBytes }

    private var onItsWay: Int { sent - confirmed }

    package mutating func handle(_ event: Event) -> [Action] {
        if hasGivenUp { return [] }
        switch event {
        case .text(let message, let bytes): return text(message, bytes)
        case .picture(let message, let bytes): return picture((message, bytes))
        case .pingDue: return [ping()]
        case .pong(let number): return pong(number)
        }
    }

    private mutating func text(_ message: Message, _ bytes: Int) -> [Action] {
        dropOldest(for: bytes)
        guard unsentBytes + bytes <= Limits.unsentBytes else {
            hasGivenUp = true
            waiting = []
            waitingBytes = 0
            return [.giveUp]
        }
        sent += bytes
        return [.send(message)] + pingIfNoneIsOut()
    }

    private mutating func picture(_ picture: Picture) -> [Action] {
        guard onItsWay + picture.bytes <= Limits.unsentBytes else {
            dropped += 1
            return []
        }
        dropOldest(for: picture.bytes)
        waiting.append(picture)
        waitingBytes += picture.bytes
        return release()
    }

    private mutating func pong(_ number: Int) -> [Action] {
        guard let index = marks.firstIndex(where: { $0.number == number }) else { return [] }
        confirmed = marks[index].sent
        marks.removeFirst(index + 1)
        let released = release()
        return released.isEmpty && onItsWay > 0 ? pingIfNoneIsOut() : released
    }

    /// Sends what waits, as far as the window goes.
    private mutating func release() -> [Action] {
        var actions: [Action] = []
        while let next = waiting.first, onItsWay == 0 || onItsWay + next.bytes <= OutgoingQueue.window {
            waiting.removeFirst()
            waitingBytes -= next.bytes
            sent += next.bytes
            actions.append(.send(next.message))
        }
        return actions.isEmpty ? [] : actions + pingIfNoneIsOut()
    }

    private mutating func dropOldest(for bytes: Int) {
        while unsentBytes + bytes > Limits.unsentBytes, let oldest = waiting.first {
            waiting.removeFirst()
            waitingBytes -= oldest.bytes
            dropped += 1
        }
    }

    private mutating func pingIfNoneIsOut() -> [Action] {
        marks.isEmpty ? [ping()] : []
    }

    private mutating func ping() -> Action {
        lastPing += 1
        marks.append(Mark(number: lastPing, sent: sent))
        // A later pong says all that an earlier one would have.
        if marks.count > 16 { marks.removeFirst() }
        return .ping(number: lastPing)
    }
}

extension OutgoingQueue: Sendable where Message: Sendable {}
extension OutgoingQueue.Event: Sendable where Message: Sendable {}
extension OutgoingQueue.Action: Sendable where Message: Sendable {}

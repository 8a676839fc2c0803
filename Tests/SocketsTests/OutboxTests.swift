// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Sockets

@Suite("What a peer has not taken yet")
struct OutboxTests {
    /// A frame of 10 bytes, marked.
    func frame(_ mark: UInt8, bytes: Int = 8) -> WebSocketFrame {
        .binary([mark] + [UInt8](repeating: 0, count: bytes - 1), mask: nil)
    }

    /// The marks of the frames that go out, small ones together.
    func drain(_ outbox: inout Outbox) -> [UInt8] {
        var marks: [UInt8] = []
        while let next = outbox.offer() {
            var rest = next
            while !rest.isEmpty {
                marks.append(rest[rest.startIndex + 2])
                rest = rest.dropFirst(2 + Int(rest[rest.startIndex + 1]))
            }
            outbox.sent(next.count)
        }
        return marks
    }

    @Test func `frames go out in the order they came, in pieces as the peer takes them`() {
        var outbox = Outbox(bound: 1000)
        for mark in 1...5 { #expect(outbox.add(frame(UInt8(mark)), .message) == .queued(droppedPictures: 0)) }
        #expect(outbox.unsentBytes == 50)
        #expect(outbox.offer()?.count == 50)
        outbox.sent(4)
        #expect(outbox.offer()?.count == 46)
        outbox.sent(6)
        #expect(drain(&outbox) == [2, 3, 4, 5])
        #expect(outbox.isEmpty && outbox.unsentBytes == 0)
    }

    @Test func `the oldest pictures that have not begun make room, then the new one itself is dropped`() {
        var outbox = Outbox(bound: 35, batch: 10)
        for mark in 1...3 { _ = outbox.add(frame(UInt8(mark)), .picture) }
        #expect(outbox.offer()?.count == 10)
        outbox.sent(1)
        #expect(outbox.add(frame(4), .picture) == .queued(droppedPictures: 1))
        #expect(outbox.add(frame(5, bytes: 98), .picture) == .queued(droppedPictures: 3))
        #expect(outbox.unsentBytes == 9)
        #expect(outbox.add(frame(6), .picture) == .queued(droppedPictures: 0))
        outbox.sent(9)
        #expect(drain(&outbox) == [6])
    }

    @Test func `text takes the room of pictures, and overflows where only text is left`() {
        var outbox = Outbox(bound: 25)
        _ = outbox.add(frame(1), .message)
        _ = outbox.add(frame(2), .picture)
        #expect(outbox.add(frame(3), .message) == .queued(droppedPictures: 1))
        #expect(outbox.add(frame(4), .message) == .overflow)
        #expect(drain(&outbox) == [1, 3])
    }

    @Test func `an empty outbox takes whatever may be sent at all`() {
        var outbox = Outbox(bound: 10)
        #expect(outbox.add(frame(1, bytes: 100), .picture) == .queued(droppedPictures: 0))
        #expect(outbox.add(frame(2), .picture) == .queued(droppedPictures: 1 + 0))
    }

    @Test func `what has begun is finished, the rest can be forgotten`() {
        var outbox = Outbox(bound: 100, batch: 10)
        for mark in 1...3 { _ = outbox.add(frame(UInt8(mark)), .message) }
        #expect(outbox.offer()?.count == 10)
        outbox.sent(3)
        outbox.discardUnbegun()
        #expect(outbox.unsentBytes == 7)
        _ = outbox.add(frame(9), .message)
        #expect(outbox.offer()?.count == 7)
        outbox.sent(7)
        #expect(drain(&outbox) == [9])
    }

    @Test(arguments: [(batch: 10, begun: [UInt8(1)]), (batch: 20, begun: [1, 2]), (batch: 35, begun: [1, 2, 3])])
    func `what the stream was offered has begun, though it took nothing: TLS counts it as sent when offered again`(
        batch: Int, begun: [UInt8]
    ) {
        var outbox = Outbox(bound: 30, batch: batch)
        for mark in 1...3 { _ = outbox.add(frame(UInt8(mark)), .picture) }
        let offer = outbox.offer().map(Array.init)
        outbox.sent(0)
        var closing = outbox
        // It has no place, though all that could go has gone.
        #expect(outbox.add(frame(4, bytes: 100), .picture) == .queued(droppedPictures: 4 - begun.count))
        #expect(outbox.offer().map(Array.init) == offer)
        #expect(drain(&outbox) == begun)
        closing.discardUnbegun()
        #expect(drain(&closing) == begun)
    }
}

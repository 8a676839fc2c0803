// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing

@testable import Signaling

struct RateLimitTests {
    @Test("a burst passes, then what the rate allows, and never more than a burst is saved up")
    func bucket() {
        var limit = RateLimit(perSecond: 100, burst: 200, at: seconds(0))
        #expect((0..<250).count { _ in limit.admit(at: seconds(0)) } == 200)
        #expect((0..<250).count { _ in limit.admit(at: seconds(1)) } == 100)
        #expect((0..<250).count { _ in limit.admit(at: seconds(3_600)) } == 200)
    }

    @Test("time that goes back is standing")
    func backwards() {
        var limit = RateLimit(perSecond: 1, burst: 2, at: seconds(10))
        #expect(limit.admit(at: seconds(10)) == true)
        #expect(limit.admit(at: seconds(0)) == true)
        #expect(limit.admit(at: seconds(10)) == false)
        #expect(limit.admit(at: seconds(10.5)) == false)
        #expect(limit.admit(at: seconds(11)) == true)
    }

    @Test("20 attempts a second an address, each address for itself")
    func connections() {
        var limit = ConnectionLimit()
        #expect((0..<30).count { _ in limit.admit("10.0.0.1", at: seconds(0)) } == 20)
        #expect(limit.admit("10.0.0.2", at: seconds(0)) == true)
        #expect((0..<30).count { _ in limit.admit("10.0.0.1", at: seconds(0.5)) } == 10)
    }

    @Test("the memory for addresses is bounded, and idle ones make room")
    func boundedMemory() {
        var limit = ConnectionLimit()
        let most = ConnectionLimit.longestMemory
        #expect((0..<most + 100).count { limit.admit("a\($0)", at: seconds(0)) } == most)
        #expect(limit.admit("a0", at: seconds(0)) == true)
        #expect(limit.admit("new", at: seconds(1)) == true)
        #expect((0..<most).count { limit.admit("b\($0)", at: seconds(1)) } == most - 1)
    }
}

struct HeartbeatTests {
    @Test("it asks each 10 s after it last asked, and dies 10 s after an answer that did not come")
    func beats() {
        var heartbeat = Heartbeat(openedAt: seconds(0))
        #expect(heartbeat.nextDeadline == seconds(10))
        #expect(heartbeat.tick(at: seconds(9.9)) == nil)
        #expect(heartbeat.tick(at: seconds(10)) == .ping)
        #expect(heartbeat.tick(at: seconds(11)) == nil)
        heartbeat.heard()
        #expect(heartbeat.nextDeadline == seconds(20))
        heartbeat.heard()
        #expect(heartbeat.tick(at: seconds(20)) == .ping)
        #expect(heartbeat.ask(at: seconds(21)) == nil)
        #expect(heartbeat.tick(at: seconds(30)) == .dead)
        heartbeat.heard()
        #expect(heartbeat.tick(at: seconds(60)) == nil)
        #expect(heartbeat.nextDeadline == nil)
    }
}

/// What a queue did, in short.
private enum Done: Equatable {
    case sent(Int)
    case ping(Int)
    case giveUp
}

extension OutgoingQueue<Int> {
    fileprivate mutating func does(_ event: Event) -> [Done] {
        handle(event).map {
            switch $0 {
            case .send(let message): .sent(message)
            case .ping(let number): .ping(number)
            case .giveUp: .giveUp
            }
        }
    }
}

struct OutgoingQueueTests {
    private let window = OutgoingQueue<Int>.window
    private let limit = Limits.unsentBytes

    @Test("what a fast peer is sent goes at once, with one ping out at a time")
    func fastPeer() {
        var queue = OutgoingQueue<Int>()
        #expect(queue.does(.text(1, bytes: 100)) == [.sent(1), .ping(1)])
        #expect(queue.does(.picture(2, bytes: 2_000)) == [.sent(2)])
        #expect(queue.does(.pong(number: 1)) == [.ping(2)])
        #expect(queue.unsentBytes == 2_000)
        #expect(queue.does(.pong(number: 2)) == [])
        #expect(queue.unsentBytes == 0)
        #expect(queue.does(.picture(3, bytes: 50)) == [.sent(3), .ping(3)])
    }

    @Test("a picture waits while the window is full, and goes when a pong makes room")
    func windowFills() {
        var queue = OutgoingQueue<Int>()
        #expect(queue.does(.picture(1, bytes: window)) == [.sent(1), .ping(1)])
        #expect(queue.does(.picture(2, bytes: 10)) == [])
        #expect(queue.does(.picture(3, bytes: window)) == [])
        #expect(queue.does(.text(4, bytes: 10)) == [.sent(4)])
        #expect(queue.does(.pong(number: 1)) == [.sent(2), .ping(2)])
        #expect(queue.does(.pong(number: 2)) == [.sent(3), .ping(3)])
        #expect(queue.dropped == 0)
    }

    @Test("to a peer that reads nothing, the oldest pictures that wait are dropped and counted")
    func slowPeer() {
        var queue = OutgoingQueue<Int>()
        let size = 256 * 1_024
        for number in 1...100 {
            _ = queue.handle(.picture(number, bytes: size))
            #expect(queue.unsentBytes <= limit)
        }
        #expect(queue.dropped == 100 - limit / size)
        #expect(queue.does(.pong(number: 1)) == [.sent(87), .ping(2)])
        #expect(queue.does(.pong(number: 2)) == [.sent(88), .sent(89), .ping(3)])
    }

    @Test("a picture as large as a message may be is sent alone, and one that has no room is dropped itself")
    func largestPicture() {
        var queue = OutgoingQueue<Int>()
        #expect(queue.does(.picture(1, bytes: limit)) == [.sent(1), .ping(1)])
        #expect(queue.does(.picture(2, bytes: 1_001)) == [])
        #expect(queue.dropped == 1)
        #expect(queue.does(.pong(number: 1)) == [])
        #expect(queue.does(.text(3, bytes: 1)) == [.sent(3), .ping(2)])
        #expect(queue.does(.picture(4, bytes: 1_001)) == [.sent(4)])
        #expect(queue.does(.picture(5, bytes: limit)) == [])
        #expect(queue.dropped == 2)
    }

    @Test("text goes ahead of pictures that wait and takes their room; without room the peer is given up")
    func textFirst() {
        var queue = OutgoingQueue<Int>()
        _ = queue.handle(.picture(0, bytes: window))
        for number in 1...7 { _ = queue.handle(.picture(number, bytes: window)) }
        #expect(queue.unsentBytes == limit)
        #expect(queue.does(.text(8, bytes: 10)) == [.sent(8)])
        #expect(queue.dropped == 1)
        for _ in 0..<13 { #expect(queue.does(.text(9, bytes: window / 2)) == [.sent(9)]) }
        #expect(queue.does(.text(9, bytes: window / 2)) == [.giveUp])
        #expect(queue.does(.text(9, bytes: 1)) == [])
        #expect(queue.does(.pong(number: 1)) == [])
    }

    @Test("only a ping that is out has a pong, and a later one covers the earlier")
    func pongs() {
        var queue = OutgoingQueue<Int>()
        _ = queue.handle(.text(1, bytes: 100))
        #expect(queue.does(.pong(number: 2)) == [])
        #expect(queue.does(.pong(number: 0)) == [])
        #expect(queue.unsentBytes == 100)
        #expect(queue.does(.pingDue) == [.ping(2)])
        #expect(queue.does(.pong(number: 2)) == [])
        #expect(queue.unsentBytes == 0)
        #expect(queue.does(.pong(number: 1)) == [])
    }

    @Test("a peer that never answers a ping costs no memory")
    func silentPeer() {
        var queue = OutgoingQueue<Int>()
        _ = queue.handle(.text(0, bytes: 10))
        for _ in 0..<1_000 { _ = queue.handle(.pingDue) }
        #expect(queue.does(.pong(number: 2)) == [])
        #expect(queue.unsentBytes == 10)
        #expect(queue.does(.pong(number: 1_001)) == [])
        #expect(queue.unsentBytes == 0)
    }

    @Test("whatever is sent and confirmed, the bound holds and pictures keep their order", arguments: 0..<50)
    func chaos(seed: UInt64) {
        var dice = Dice(seed: seed)
        var queue = OutgoingQueue<Int>()
        var (given, sent, lastSent, lastPing) = (0, 0, 0, 0)
        for number in 1...2_100 {
            var event = OutgoingQueue<Int>.Event.pong(number: lastPing)
            // At the end everything is confirmed.
            if number <= 2_000 && Int.random(in: 0..<8, using: &dice) > 0 {
                given += 1
                event = .picture(number, bytes: Int.random(in: 1_001...400_000, using: &dice))
            }
            for done in queue.does(event) {
                switch done {
                case .sent(let number):
                    #expect(number > lastSent)
                    lastSent = number
                    sent += 1
                case .ping(let number): lastPing = number
                case .giveUp: Issue.record("gave up on pictures")
                }
            }
            #expect(queue.unsentBytes <= limit)
        }
        #expect(queue.unsentBytes == 0)
        #expect(queue.dropped > 0)
        #expect(sent + queue.dropped == given)
    }
}

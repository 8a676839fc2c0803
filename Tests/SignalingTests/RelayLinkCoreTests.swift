// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing

@testable import Signaling

/// A client in virtual time, without jitter.
private struct Client {
    var link = RelayLinkCore()
    var now = seconds(0)

    mutating func callAsFunction(_ event: RelayLinkCore.Event, jitter: Double = 0) -> [RelayLinkCore.Action] {
        link.handle(event, at: now, jitter: jitter)
    }

    mutating func wait(_ time: Double) -> [RelayLinkCore.Action] {
        now += .exactly(time)
        return self(.tick)
    }

    mutating func opened() {
        _ = self(.start)
        _ = self(.opened(dial: 1))
    }
}

struct RelayLinkCoreTests {
    @Test func `it dials again for ever, after 1, 2, 4, 8, 15 and then each 30 s`() {
        var client = Client()
        #expect(client(.start) == [.dial(1)])
        for (index, wait) in [1.0, 2, 4, 8, 15, 30, 30, 30].enumerated() {
            #expect(client(.closed(dial: index + 1)) == [.announceRetry(in: .seconds(wait))])
            #expect(client.link.nextDeadline == client.now + .seconds(wait))
            #expect(client.wait(wait - 0.001) == [])
            #expect(client.wait(0.001) == [.dial(index + 2)])
        }
    }

    @Test(arguments: [(-1.0, 0.9), (1.0, 1.1), (9.0, 1.1)])
    func `jitter moves a wait by a tenth at most`(jitter: Double, factor: Double) {
        var client = Client()
        _ = client(.start)
        #expect(client(.closed(dial: 1), jitter: jitter) == [.announceRetry(in: .seconds(1) * factor)])
    }

    @Test(arguments: [(9.999, 2.0), (10.0, 1.0)])
    func `the waits begin anew after 10 s of a working socket, and no sooner`(open: Double, wait: Double) {
        var client = Client()
        _ = client(.start)
        _ = client(.closed(dial: 1))
        #expect(client.wait(1) == [.dial(2)])
        _ = client(.opened(dial: 2))
        client.now += .exactly(open)
        #expect(client(.closed(dial: 2)) == [.announceRetry(in: .seconds(wait))])
    }

    @Test func `a dial that does not open in 10 s is given up`() {
        var client = Client()
        _ = client(.start)
        #expect(client.wait(9.999) == [])
        #expect(client.wait(0.001) == [.drop(dial: 1), .announceRetry(in: .seconds(1))])
        #expect(client(.opened(dial: 1)) == [])
        #expect(client(.closed(dial: 1)) == [])
        #expect(client.wait(1) == [.dial(2)])
        let limit = client.now + RelayLinkCore.dialLimit
        #expect(client.wait(1) == [])
        #expect(client(.opened(dial: 1)) == [])
        #expect(client.link.nextDeadline == limit)
    }

    @Test func `where nobody answers it dials each second, and the waits of refusals go on where they were`() {
        var client = Client()
        _ = client(.start)
        #expect(client(.closed(dial: 1)) == [.announceRetry(in: .seconds(1))])
        _ = client.wait(1)
        for dial in 2...50 {
            #expect(client(.unanswered(dial: dial - 1)) == [])
            #expect(client(.unanswered(dial: dial)) == [.announceRetry(in: .seconds(1))])
            #expect(client.wait(0.999) == [])
            #expect(client.wait(0.001) == [.dial(dial + 1)])
        }
        #expect(client(.closed(dial: 51)) == [.announceRetry(in: .seconds(2))])
    }

    @Test func `it pings each 3 s as long as something comes back`() {
        var client = Client()
        client.opened()
        for _ in 0..<100 {
            #expect(client.wait(3) == [.ping])
            #expect(client(.heard(dial: 1)) == [])
        }
    }

    @Test func `4 s without a pong are the socket's death, and the others' pongs are none`() {
        var client = Client()
        client.opened()
        #expect(client.wait(3) == [.ping])
        #expect(client(.heard(dial: 7)) == [])
        #expect(client.wait(3.999) == [])
        #expect(client.wait(0.001) == [.drop(dial: 1), .announceRetry(in: .seconds(1))])
    }

    @Test func `a network that comes back ends a wait`() {
        var client = Client()
        _ = client(.start)
        #expect(client(.networkChanged) == [])
        for dial in 1...5 { _ = [client(.closed(dial: dial)), client.wait(60)] }
        _ = client(.closed(dial: 6))
        #expect(client(.networkChanged) == [.dial(7)])
        #expect(client(.closed(dial: 7)) == [.announceRetry(in: .seconds(30))])
    }

    @Test func `a network that comes back has an open socket prove itself, once`() {
        var client = Client()
        client.opened()
        client.now += .seconds(2)
        #expect(client(.networkChanged) == [.ping])
        #expect(client(.networkChanged) == [])
        #expect(client.wait(4) == [.drop(dial: 1), .announceRetry(in: .seconds(1))])
    }

    @Test func `after shutdown nothing happens`() {
        var client = Client()
        client.opened()
        #expect(client(.shutdown) == [.drop(dial: 1)])
        #expect(client(.closed(dial: 1)) == [])
        #expect(client(.start) == [])
        #expect(client(.networkChanged) == [])
        #expect(client.wait(60) == [])
        #expect(client.link.nextDeadline == nil)
        #expect(client(.shutdown) == [])
    }

    @Test func `starting twice dials once`() {
        var client = Client()
        _ = client(.start)
        #expect(client(.start) == [])
    }
}

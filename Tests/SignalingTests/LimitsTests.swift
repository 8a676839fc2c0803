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
        var limit = RateLimit(perSecond: 1, burst: 1, at: seconds(10))
        #expect(limit.admit(at: seconds(10)) == true)
        #expect(limit.admit(at: seconds(0)) == false)
        #expect(limit.admit(at: seconds(10.5)) == false)
        #expect(limit.admit(at: seconds(11)) == true)
    }

    @Test("20 attempts a second an address, each address for itself")
    func connections() {
        var limit = ConnectionLimit(perSecond: 20)
        #expect((0..<30).count { _ in limit.admit("10.0.0.1", at: seconds(0)) } == 20)
        #expect(limit.admit("10.0.0.2", at: seconds(0)) == true)
        #expect((0..<30).count { _ in limit.admit("10.0.0.1", at: seconds(0.5)) } == 10)
    }

    @Test(
        "of IPv6 a whole /64 counts as one address",
        arguments: [
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"), ("2001:db8:1:2::9", "2001:db8:1:2"),
            ("2001:db8::1", "2001:db8:0:0"),
            ("::1", "0:0:0:0"), ("fe80::1:2:3:4", "fe80:0:0:0"), ("10.0.0.1", "10.0.0.1"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
        ])
    func network(address: String, network: String) {
        #expect(ConnectionLimit.network(of: address) == network)
    }

    @Test("the memory for addresses is bounded, and idle ones make room")
    func boundedMemory() {
        var limit = ConnectionLimit(perSecond: 20)
        let most = ConnectionLimit.longestMemory
        #expect((0..<most + 100).count { limit.admit("a\($0)", at: seconds(0)) } == most)
        #expect(limit.admit("a0", at: seconds(0)) == true)
        #expect(limit.admit("new", at: seconds(1)) == true)
        #expect((0..<most).count { limit.admit("b\($0)", at: seconds(1)) } == most - 1)
    }
}

struct HeartbeatTests {
    @Test("it asks when nothing came for 10 s, and dies 10 s after an answer that did not come")
    func beats() {
        var heartbeat = Heartbeat(openedAt: seconds(0))
        #expect(heartbeat.nextDeadline == seconds(10))
        #expect(heartbeat.tick(at: seconds(9.9)) == nil)
        #expect(heartbeat.tick(at: seconds(10)) == .ping)
        #expect(heartbeat.tick(at: seconds(11)) == nil)
        heartbeat.heard(at: seconds(11))
        #expect(heartbeat.nextDeadline == seconds(21))
        heartbeat.heard(at: seconds(12))
        #expect(heartbeat.tick(at: seconds(21)) == nil)
        #expect(heartbeat.tick(at: seconds(22)) == .ping)
        #expect(heartbeat.ask(at: seconds(23)) == nil)
        #expect(heartbeat.tick(at: seconds(32)) == .dead)
        heartbeat.heard(at: seconds(33))
        #expect(heartbeat.tick(at: seconds(60)) == nil)
        #expect(heartbeat.nextDeadline == nil)
    }
}

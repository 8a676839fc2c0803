// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing

@testable import Sockets

struct ConnectionLimitTests {
    @Test func `20 attempts a second an address, each address for itself`() {
        var limit = ConnectionLimit(perSecond: 20)
        #expect((0..<30).count { _ in limit.admit("10.0.0.1", at: seconds(0)) } == 20)
        #expect(limit.admit("10.0.0.2", at: seconds(0)) == true)
        #expect((0..<30).count { _ in limit.admit("10.0.0.1", at: seconds(0.5)) } == 10)
    }

    @Test(arguments: [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"), ("2001:db8:1:2::9", "2001:db8:1:2"),
        ("2001:db8::1", "2001:db8:0:0"),
        ("::1", "0:0:0:0"), ("fe80::1:2:3:4", "fe80:0:0:0"), ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
    ])
    func `of IPv6 a whole /64 counts as one address`(address: String, network: String) {
        #expect(ConnectionLimit.network(of: address) == network)
    }

    @Test func `the memory for addresses is bounded, and idle ones make room`() {
        var limit = ConnectionLimit(perSecond: 20)
        let most = ConnectionLimit.longestMemory
        #expect((0..<most + 100).count { limit.admit("a\($0)", at: seconds(0)) } == most)
        #expect(limit.admit("a0", at: seconds(0)) == true)
        #expect(limit.admit("new", at: seconds(1)) == true)
        #expect((0..<most).count { limit.admit("b\($0)", at: seconds(1)) } == most - 1)
    }
}

private func seconds(_ seconds: Double) -> Instant { Instant(sinceOrigin: .seconds(seconds)) }

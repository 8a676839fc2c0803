// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Timing

struct RateLimitTests {
    @Test func `a burst passes, then what the rate allows, and never more than a burst is saved up`() {
        var limit = RateLimit(perSecond: 100, burst: 200, at: seconds(0))
        #expect((0..<250).count { _ in limit.admit(at: seconds(0)) } == 200)
        #expect((0..<250).count { _ in limit.admit(at: seconds(1)) } == 100)
        #expect((0..<250).count { _ in limit.admit(at: seconds(3_600)) } == 200)
    }

    @Test func `time that goes back is standing`() {
        var limit = RateLimit(perSecond: 1, burst: 1, at: seconds(10))
        #expect(limit.admit(at: seconds(10)) == true)
        #expect(limit.admit(at: seconds(0)) == false)
        #expect(limit.admit(at: seconds(10.5)) == false)
        #expect(limit.admit(at: seconds(11)) == true)
    }
}

private func seconds(_ seconds: Double) -> Instant { Instant(sinceOrigin: .seconds(seconds)) }

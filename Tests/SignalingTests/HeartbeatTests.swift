// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing

@testable import Signaling

struct HeartbeatTests {
    @Test func `it asks when nothing came for a while, and dies after an answer that did not come`() {
        var heartbeat = Heartbeat(.peer, openedAt: seconds(0))
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

    /// When a socket on which nothing comes any more is asked, and when it is given up.
    @Test(arguments: [
        (Heartbeat.Pace.relay, 3.0, 7.0), (.peer, 10.0, 20.0),
    ])
    func `a relay is given up in seconds, a slow phone is given time`(pace: Heartbeat.Pace, ask: Double, end: Double) {
        var heartbeat = Heartbeat(pace, openedAt: seconds(0))
        #expect(heartbeat.nextDeadline == seconds(ask))
        #expect(heartbeat.tick(at: seconds(ask)) == .ping)
        #expect(heartbeat.nextDeadline == seconds(end))
        #expect(heartbeat.tick(at: seconds(end)) == .dead)
    }

    @Test(arguments: [(0.0, 10.0), (0.5, 5.0), (1.0, 0.0)])
    func `of those that came together, each is first asked in its own time`(lot: Double, ask: Double) {
        #expect(Heartbeat(.peer, openedAt: seconds(0), lot: lot).nextDeadline == seconds(ask))
    }
}

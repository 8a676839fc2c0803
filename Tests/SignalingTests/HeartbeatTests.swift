// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing

@testable import Signaling

struct HeartbeatTests {
    @Test func `it asks when nothing came for 10 s, and dies 10 s after an answer that did not come`() {
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

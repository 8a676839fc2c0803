// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing
import Watchdog

@testable import Signaling

struct OverdueTests {
    @Test(arguments: [(true, Duration.zero), (false, ViewerConversation.offerPatience)])
    func `who was asked in vain by an earlier run is asked at once, and is no special case after that`(
        isOverdue: Bool, patience: Duration
    ) {
        var talk = ViewerConversation(name: "v", preferring: [.vp8], isOverdue: isOverdue)
        let now = Instant(sinceOrigin: .seconds(9))
        _ = talk.hear(.joined, at: now)
        #expect(talk.nextDeadline == now + patience)
        #expect(talk.tick(at: now + patience) == [.tell(.missed(.missedOffer))])
        _ = talk.hear(.left, at: now)
        _ = talk.hear(.joined, at: now)
        #expect(talk.nextDeadline == now + ViewerConversation.offerPatience)
    }
}

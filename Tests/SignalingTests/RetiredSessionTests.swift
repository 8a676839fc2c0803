// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing
import Watchdog

@testable import Signaling

struct RetiredSessionTests {
    @Test func `a session goes on until the next one has frames`() {
        var viewer = Viewer()
        viewer.flows()
        #expect(hasAnswer(2, viewer(.received(.offer(sdp: smallOffer(session: 2))))))
        #expect(viewer(.connected(session: 1)) == [])
        #expect(viewer.carryOut(.settle(session: 1)) == [])
        _ = viewer(.answerReady(session: 2, sdp: "answer"))
        #expect(viewer(.connected(session: 2)) == [.tell(.connected)])
        #expect(viewer.carryOut(.settle(session: 2)) == [.act(.closePeer(session: 1))])
        #expect(viewer.session.session == 2)
    }

    @Test func `a session that was given up is listened to for 120 s, and its end is no news`() {
        var viewer = Viewer()
        viewer.flows()
        #expect(
            viewer.carryOut(.reopen(.silence, silence: .seconds(10)))
                == [.act(.send(.reconnectRequest(reason: "No frames for 10s")))])
        #expect(viewer.session.session == nil)
        #expect(viewer.session.nextDeadline == viewer.now + .seconds(120))
        var other = viewer
        #expect(viewer.wait(120) == [.act(.closePeer(session: 1))])
        #expect(other(.lost(session: 1, .gone)) == [.act(.closePeer(session: 1))])
        #expect(other.session.nextDeadline == nil)
    }

    @Test func `a session that was given up counts again when its frames come back`() {
        var viewer = Viewer()
        viewer.flows()
        _ = viewer.carryOut(.reopen(.silence, silence: .seconds(10)))
        #expect(viewer.carryOut(.settle(session: 1)) == [])
        #expect(viewer.session.session == 1)
        #expect(viewer(.lost(session: 1, .gone)) == [.act(.closePeer(session: 1)), .tell(.gone)])
    }

    @Test func `of two sessions that were given up the one that had frames is kept`() {
        var viewer = Viewer()
        viewer.flows()
        viewer.answered(smallOffer(session: 2), number: 2)
        #expect(viewer.carryOut(.reopen(.negotiation, silence: .zero)).first == .act(.closePeer(session: 2)))
        viewer.answered(smallOffer(session: 3), number: 3)
        #expect(viewer.carryOut(.settle(session: 3)) == [.act(.closePeer(session: 1))])
    }

    @Test
    func `what still trickles in for a retired session reaches it, and an offer that goes on with it takes it back`() {
        var viewer = Viewer()
        viewer.flows(smallOffer(session: 1, version: 1, ufrag: "old"))
        _ = viewer.carryOut(.reopen(.silence, silence: .seconds(10)))
        #expect(added(viewer(.received(ice("10.0.0.1", ufrag: "old")))) == ["1: 10.0.0.1"])
        let steps = viewer(.received(.offer(sdp: smallOffer(session: 1, version: 2, ufrag: "new"))))
        #expect(steps.last == .tell(.offered))
        #expect(viewer.session.session == 1)
    }
}

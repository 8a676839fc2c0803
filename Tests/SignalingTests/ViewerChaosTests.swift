// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing

@testable import Signaling

struct ViewerChaosTests {
    @Test(arguments: 0..<100)
    func `whatever comes in whatever order, answers match offers and two sessions at most are open`(seed: UInt64) {
        var dice = Dice(seed: seed)
        var viewer = Viewer()
        var (last, answers, offers) = (0, 0, 0)
        var open: Set<Int> = []
        var lastPings: [Int: Instant] = [:]
        for step in 0..<400 {
            viewer.now += .milliseconds(Int.random(in: 0...1_500, using: &dice))
            let deed = randomDeed(&dice, near: last, step: step)
            for case .act(let action) in viewer(deed) {
                switch action {
                case .createAnswer(let session, _):
                    #expect(session > last)
                    last = session
                    open.insert(session)
                    offers += 1
                case .renegotiate(let session, _):
                    #expect(open.contains(session))
                    offers += 1
                case .addCandidate(let session, _, _): #expect(open.contains(session))
                case .closePeer(let session):
                    #expect(open.remove(session) != nil)
                case .ping(let session):
                    #expect(session == viewer.session.session)
                    if case .tick = deed {
                        #expect(
                            lastPings[session].map { $0 + ViewerConversation.keepaliveInterval <= viewer.now } == true)
                    }
                    lastPings[session] = viewer.now
                case .send(.answer): answers += 1
                case .send(let message): #expect(["hello", "ice", "reconnect_request"].contains(message.type))
                }
            }
            #expect(answers <= offers && open.count <= 2)
            #expect(viewer.session.session.map(open.contains) ?? true)
        }
        #expect(offers > 5 && answers > 0)
    }

    private func randomDeed(_ dice: inout Dice, near live: Int, step: Int) -> Viewer.Deed {
        switch Int.random(in: 0..<15, using: &dice) {
        case 0:
            .carryOut(
                [.close, .reopen(.gone, silence: .zero), .settle(session: live)].randomElement(using: &dice)
                    ?? .noteFailure)
        case 1, 2: .tick
        default: .hear(randomEvent(&dice, near: live, step: step))
        }
    }

    private func randomEvent(_ dice: inout Dice, near live: Int, step: Int) -> ViewerConversation.Event {
        let session = live + ([0, 0, 0, -1, 1].randomElement(using: &dice) ?? 0)
        switch Int.random(in: 0..<13, using: &dice) {
        case 0: return .left
        case 1, 2: return .joined
        case 3, 4:
            return .received(.offer(sdp: smallOffer(session: session % 3, version: step, ufrag: "u\(session % 3)")))
        case 5: return .received(ice("10.0.0.1", ufrag: Bool.random(using: &dice) ? "u\(session % 3)" : nil))
        case 6: return .received(.cameraStatus(camera: "c", Bool.random(using: &dice) ? .paused : .recording))
        case 7:
            let role: ViewerRole = Bool.random(using: &dice) ? .holder : .waiting
            return .received(.viewerRole(role, cameraPresent: Bool.random(using: &dice)))
        case 8: return .offerSet(session: session)
        case 9, 10: return .answerReady(session: session, sdp: "answer")
        case 11: return .candidateFound(session: session, candidate: "candidate:x", section: 0)
        default: return .channelOpened(session: session)
        }
    }
}

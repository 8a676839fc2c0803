// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing
import Watchdog

@testable import Signaling

struct ViewerConversationTests {
    @Test func `of a flood of offers four a second are answered, the last with the candidates that came after it`() {
        var viewer = Viewer()
        _ = viewer(.joined)
        var answered = 0
        func count(_ actions: [ViewerConversation.Step]) -> Int {
            actions.count { if case .act(.createAnswer) = $0 { true } else { false } }
        }
        for number in 1...200 {
            answered += count(viewer(.received(.offer(sdp: smallOffer(session: number)))))
            answered += count(viewer.wait(0.01))
        }
        #expect((15...19).contains(answered))
        #expect(viewer(.received(.offer(sdp: smallOffer(session: 201)))) == [])
        #expect(viewer(.received(ice("10.0.0.9"))) == [])
        #expect(count(viewer.wait(0.25)) == 1)
        let last = answered + 1
        #expect(added(viewer(.offerSet(session: last))) == ["\(last): 10.0.0.9"])
        #expect(viewer.session.nextDeadline == nil)
    }

    @Test func `a conversation from hello to candidates`() throws {
        var viewer = Viewer()
        #expect(viewer(.joined) == [.act(.send(.hello(session: "s1")))])

        let negotiation = try Negotiation(offered: Offer.chromium.text, preferring: Viewer.preferences)
        #expect(
            viewer(.received(.offer(sdp: Offer.chromium.text))) == [
                .report(.offerReceived), .act(.createAnswer(session: 1, negotiation)), .tell(.offered),
            ])

        #expect(viewer(.received(ice("10.0.0.1", ufrag: "EsAw", mid: "1"))) == [])
        let early = try ICECandidate(parsing: "candidate:1 1 udp 5 10.0.0.1 5000 typ host generation 0 ufrag EsAw")
        #expect(viewer(.offerSet(session: 1)) == [.act(.addCandidate(session: 1, early, section: 1))])
        #expect(added(viewer(.received(ice("10.0.0.2")))) == ["1: 10.0.0.2"])

        #expect(viewer(.candidateFound(session: 1, candidate: "candidate:early", section: 1)) == [])
        func ours(_ text: String) -> ViewerConversation.Step {
            .act(.send(.ice(TrickledCandidate(candidate: text, sectionIndex: 1, mid: "1"))))
        }
        #expect(
            viewer(.answerReady(session: 1, sdp: "the answer"))
                == [.act(.send(.answer(sdp: "the answer"))), .report(.answerSent), ours("candidate:early")])
        #expect(
            viewer(.candidateFound(session: 1, candidate: "candidate:late", section: 1)) == [ours("candidate:late")])
        #expect(viewer(.candidateFound(session: 1, candidate: "", section: 1)) == [])
        #expect(viewer.session.nextDeadline == nil)
    }

    // MARK: - Joining late

    @Test func `no offer within 2 s of joining was missed, with a relay that says nothing`() {
        var viewer = Viewer()
        _ = viewer(.joined)
        #expect(viewer.session.nextDeadline == seconds(102))
        #expect(viewer.wait(1.999) == [])
        #expect(viewer.wait(0.001) == [.tell(.missed(.missedOffer))])
        #expect(viewer.wait(60) == [])
    }

    @Test(arguments: [
        Viewer.Deed.carryOut(.reopen(.silence, silence: .zero)),
        .hear(.received(.cameraStatus(camera: "c", .paused))),
    ])
    func `where a request is out or the camera said it is paused, nothing more was missed`(deed: Viewer.Deed) {
        var viewer = Viewer()
        _ = viewer(.joined)
        _ = viewer(deed)
        #expect(viewer.wait(5) == [])
    }

    @Test func `an offer in time was not missed`() {
        var viewer = Viewer()
        _ = viewer.offered()
        #expect(viewer.session.nextDeadline == nil)
        #expect(viewer.wait(2) == [])
    }

    @Test func `where our relay says that no camera is there, none is missed; one that comes is given its time`() {
        var viewer = Viewer()
        _ = viewer(.joined)
        #expect(viewer(.received(.viewerRole(.holder, cameraPresent: false))) == [])
        #expect(viewer.session.nextDeadline == nil)
        viewer.now += .seconds(3_600)
        #expect(viewer(.received(.viewerRole(.holder, cameraPresent: true))) == [])
        #expect(viewer.wait(9) == [])
        #expect(viewer.wait(1) == [.tell(.missed(.missedOffer))])
    }

    @Test func `where our relay says that a camera is there, the 2 s stand`() {
        var viewer = Viewer()
        _ = viewer(.joined)
        #expect(viewer(.received(.viewerRole(.holder, cameraPresent: true))) == [])
        #expect(viewer.wait(2) == [.tell(.missed(.missedOffer))])
    }

    @Test func `a refused offer is not the one that was waited for`() {
        var viewer = Viewer()
        #expect(viewer.offered("garbage") == [.report(.refusedOffer(.garbage(line: 1)))])
        #expect(viewer(.received(.offer(sdp: ""))) == [.report(.refusedOffer(.empty))])
        #expect(viewer(.received(.offer(sdp: "v=0\n"))) == [.report(.refusedOffer(.noVideo))])
        #expect(viewer.wait(2) == [.tell(.missed(.refusedOffer))])
        // Another relay, another chance.
        _ = viewer(.left)
        _ = viewer(.joined)
        #expect(viewer.wait(2) == [.tell(.missed(.missedOffer))])
    }

    // MARK: - Sessions

    @Test func `a new offer closes an unanswered session before it, and what that still says is dropped`() {
        var viewer = Viewer()
        _ = viewer.offered(smallOffer(session: 1))
        let actions = viewer(.received(.offer(sdp: smallOffer(session: 2, ufrag: "efgh"))))
        #expect(actions.first == .act(.closePeer(session: 1)))
        #expect(hasAnswer(2, actions))
        #expect(viewer(.offerSet(session: 1)) == [])
        #expect(viewer(.answerReady(session: 1, sdp: "stale")) == [])
        #expect(viewer(.candidateFound(session: 1, candidate: "candidate:stale", section: 0)) == [])
        #expect(
            viewer(.answerReady(session: 2, sdp: "fresh")) == [
                .act(.send(.answer(sdp: "fresh"))), .report(.answerSent),
            ])
    }

    @Test func `one offer gets one answer`() {
        var viewer = Viewer()
        viewer.answered()
        #expect(viewer(.answerReady(session: 1, sdp: "again")) == [])
        #expect(viewer(.offerSet(session: 1)) == [])
    }

    @Test func `after the watchdog closed the peer its session is stale, and the next offer closes nothing`() {
        var viewer = Viewer()
        viewer.answered()
        #expect(viewer.carryOut(.close) == [.act(.closePeer(session: 1))])
        #expect(
            viewer.carryOut(.reopen(.silence, silence: .seconds(10))) == [
                .act(.send(.reconnectRequest(reason: "No frames for 10s")))
            ])
        #expect(viewer(.candidateFound(session: 1, candidate: "candidate:stale", section: 0)) == [])
        #expect(viewer(.received(ice("10.0.0.1"))) == [])
        #expect(hasAnswer(2, viewer(.received(.offer(sdp: smallOffer(session: 2))))))
        #expect(viewer(.offerSet(session: 2)) == [])
    }

    @Test func `an ICE restart is answered by the peer that is there`() throws {
        var viewer = Viewer()
        viewer.answered(smallOffer(session: 1, version: 2, ufrag: "abcd"))
        let restart = smallOffer(session: 1, version: 3, ufrag: "efgh")
        let negotiation = try Negotiation(offered: restart, preferring: Viewer.preferences)
        #expect(
            viewer(.received(.offer(sdp: restart))) == [
                .report(.offerReceived), .act(.renegotiate(session: 1, negotiation)),
            ])
        #expect(viewer(.received(ice("10.0.0.1", ufrag: "efgh"))) == [])
        #expect(added(viewer(.offerSet(session: 1))) == ["1: 10.0.0.1"])
        #expect(
            viewer(.answerReady(session: 1, sdp: "second")) == [
                .act(.send(.answer(sdp: "second"))), .report(.answerSent),
            ])
    }

    @Test
    func `a second version before the first was answered gets a fresh peer: nobody could tell the answers apart`() {
        var viewer = Viewer()
        _ = viewer.offered(smallOffer(session: 1, version: 2))
        let actions = viewer(.received(.offer(sdp: smallOffer(session: 1, version: 3))))
        #expect(actions.first == .act(.closePeer(session: 1)))
    }

    // MARK: - Candidates

    @Test
    func `a candidate that names its ufrag waits for the offer that has it; one that does not is the last offer's`() {
        var viewer = Viewer()
        _ = viewer(.joined)
        #expect(viewer(.received(ice("10.0.0.1"))) == [])
        #expect(viewer(.received(ice("10.0.0.2", ufrag: "old"))) == [])
        #expect(viewer(.received(ice("10.0.0.3", ufrag: "new"))) == [])
        _ = viewer(.received(.offer(sdp: smallOffer(session: 1, ufrag: "old"))))
        #expect(viewer(.received(ice("10.0.0.4"))) == [])
        #expect(added(viewer(.offerSet(session: 1))) == ["1: 10.0.0.2", "1: 10.0.0.4"])
        #expect(viewer(.received(ice("10.0.0.5", ufrag: "new"))) == [])
        _ = viewer(.received(.offer(sdp: smallOffer(session: 2, ufrag: "new"))))
        #expect(viewer(.received(ice("10.0.0.6", ufrag: "old"))) == [])
        #expect(added(viewer(.offerSet(session: 2))) == ["2: 10.0.0.3", "2: 10.0.0.5"])
    }

    @Test func `a nameless candidate of a session that was replaced does not reach the next`() {
        var viewer = Viewer()
        _ = viewer.offered(smallOffer(session: 1))
        #expect(viewer(.received(ice("10.0.0.1"))) == [])
        _ = viewer(.received(.offer(sdp: smallOffer(session: 2))))
        #expect(viewer(.received(ice("10.0.0.2"))) == [])
        #expect(added(viewer(.offerSet(session: 2))) == ["2: 10.0.0.2"])
    }

    @Test
    func `an unusable candidate is dropped and said so; the end of candidates and a strange section pass quietly`() {
        var viewer = Viewer()
        viewer.answered()
        #expect(viewer(.received(ice("x.local"))) == [.report(.droppedCandidate(.localName))])
        #expect(viewer(.received(ice("example.com"))) == [.report(.droppedCandidate(.hostName))])
        let nonsense = TrickledCandidate(candidate: "nonsense", sectionIndex: 0, mid: nil)
        #expect(viewer(.received(.ice(nonsense))) == [.report(.droppedCandidate(.malformed))])
        #expect(viewer(.received(.ice(TrickledCandidate(candidate: nil, sectionIndex: 0, mid: nil)))) == [])
        #expect(viewer(.received(ice("10.0.0.1", index: 9, mid: nil))) == [])
    }

    @Test func `what waits is bounded, each way, and the oldest give way`() {
        var viewer = Viewer()
        _ = viewer.offered()
        for number in 0..<200 {
            #expect(viewer(.received(ice("10.0.0.\(number)"))) == [])
            #expect(viewer(.candidateFound(session: 1, candidate: "candidate:\(number)", section: 0)) == [])
        }
        let handedOn = added(viewer(.offerSet(session: 1)))
        #expect(handedOn.count == WaitingCandidates.limit)
        #expect(handedOn.last == "1: 10.0.0.199")
        #expect(viewer(.answerReady(session: 1, sdp: "")).count == 2 + WaitingCandidates.limit)
    }

    // MARK: - The socket

    @Test func `an unanswered session is lost with the socket`() {
        var viewer = Viewer()
        _ = viewer.offered()
        #expect(viewer(.left) == [.act(.closePeer(session: 1)), .tell(.failed)])
        #expect(viewer(.answerReady(session: 1, sdp: "late")) == [])
        #expect(viewer(.joined) == [.act(.send(.hello(session: "s1")))])
        #expect(viewer(.answerReady(session: 1, sdp: "late")) == [])
    }

    @Test func `an answered session lives on without the socket`() {
        var viewer = Viewer()
        viewer.answered()
        #expect(viewer(.left) == [])
        #expect(viewer(.candidateFound(session: 1, candidate: "candidate:unsent", section: 0)) == [])
        _ = viewer(.joined)
        #expect(added(viewer(.received(ice("10.0.0.1")))) == ["1: 10.0.0.1"])
        #expect(
            viewer(.candidateFound(session: 1, candidate: "candidate:sent", section: 0))
                == [.act(.send(.ice(TrickledCandidate(candidate: "candidate:sent", sectionIndex: 0, mid: "0"))))])
    }

    @Test
    func `a reconnect asked for while the socket is down is not sent; the offer missed at the next join is enough`() {
        var viewer = Viewer()
        viewer.answered()
        _ = viewer(.left)
        _ = viewer.carryOut(.close)
        #expect(viewer.carryOut(.reopen(.silence, silence: .seconds(10))) == [])
        #expect(viewer.wait(60) == [])
        #expect(viewer(.joined) == [.act(.send(.hello(session: "s1")))])
        #expect(viewer.wait(2) == [.tell(.missed(.missedOffer))])
    }

    @Test func `nothing that a closed socket still delivers is heard`() {
        var viewer = Viewer()
        #expect(viewer(.received(.offer(sdp: smallOffer()))) == [])
        _ = viewer(.joined)
        _ = viewer(.left)
        #expect(viewer(.received(.offer(sdp: smallOffer()))) == [])
        #expect(viewer(.received(.cameraStatus(camera: "c", .paused))) == [])
        #expect(viewer.session.nextDeadline == nil)
    }

    // MARK: - Pauses

    @Test(arguments: [CameraStatus.interrupted, .paused], [CameraStatus.waiting, .recording, .uploading])
    func `the camera's word pauses and resumes, each once`(pause: CameraStatus, resume: CameraStatus) {
        var viewer = Viewer()
        viewer.answered()
        #expect(viewer(.received(.cameraStatus(camera: "c", resume))) == [])
        #expect(viewer(.received(.cameraStatus(camera: "c", pause))) == [.report(.paused(.camera)), .tell(.paused)])
        #expect(viewer(.received(.cameraStatus(camera: "c", pause))) == [])
        #expect(viewer(.received(.cameraStatus(camera: "c", CameraStatus(rawValue: "dreaming")))) == [])
        #expect(viewer(.received(.cameraStatus(camera: "c", resume))) == [.report(.resumed(.camera)), .tell(.resumed)])
    }

    @Test func `a paused camera that leaves has not resumed, and its word does not hold for the next`() {
        var viewer = Viewer()
        viewer.answered()
        _ = viewer(.received(.viewerRole(.holder, cameraPresent: true)))
        _ = viewer(.received(.cameraStatus(camera: "c", .paused)))
        #expect(
            viewer(.received(.viewerRole(.holder, cameraPresent: false))) == [
                .report(.resumed(.cameraLeft)), .tell(.resumed),
            ])
        #expect(viewer(.received(.viewerRole(.holder, cameraPresent: true))) == [])
        #expect(viewer(.received(.cameraStatus(camera: "d", .paused))) == [.report(.paused(.camera)), .tell(.paused)])
    }

    @Test func `where our relay says that no camera is there, none is asked`() {
        var viewer = Viewer()
        viewer.answered()
        #expect(!viewer.session.isAlone)
        _ = viewer(.received(.viewerRole(.holder, cameraPresent: false)))
        #expect(viewer.session.isAlone)
        #expect(viewer.carryOut(.reopen(.silence, silence: .seconds(10))) == [])
        _ = viewer(.received(.viewerRole(.holder, cameraPresent: true)))
        #expect(!viewer.session.isAlone)
        #expect(viewer.wait(10) == [.tell(.missed(.missedOffer))])
    }

    @Test func `a viewer that has to wait is paused until the conversation is its own`() {
        var viewer = Viewer()
        _ = viewer(.joined)
        #expect(
            viewer(.received(.viewerRole(.waiting, cameraPresent: true))) == [
                .report(.paused(.anotherViewer)), .tell(.paused),
            ])
        #expect(viewer.session.nextDeadline == nil)
        #expect(viewer(.received(.cameraStatus(camera: "c", .paused))) == [])
        #expect(viewer(.received(.cameraStatus(camera: "c", .recording))) == [])
        #expect(
            viewer(.received(.viewerRole(.holder, cameraPresent: true))) == [
                .report(.resumed(.conversationTaken)), .tell(.resumed),
            ])
    }

    @Test func `a new offer ends the camera's pause, and a new socket forgets every pause`() {
        var viewer = Viewer()
        viewer.answered()
        _ = viewer(.received(.cameraStatus(camera: "c", .paused)))
        #expect(
            viewer(.received(.offer(sdp: smallOffer(session: 2)))).suffix(2) == [
                .report(.resumed(.camera)), .tell(.resumed),
            ])
        _ = viewer(.received(.viewerRole(.waiting, cameraPresent: true)))
        _ = viewer(.left)
        #expect(
            viewer(.joined) == [.act(.send(.hello(session: "s1"))), .report(.resumed(.newSocket)), .tell(.resumed)])
    }

    @Test func `from the opening of its channel to its end, a session has a keepalive every 5 s`() {
        var viewer = Viewer()
        viewer.answered()
        #expect(viewer(.channelOpened(session: 2)) == [])
        #expect(viewer(.channelOpened(session: 1)) == [.act(.ping(session: 1))])
        #expect(viewer.wait(4.9) == [])
        #expect(viewer.session.nextDeadline == viewer.now + .milliseconds(100))
        #expect(viewer.wait(0.1) == [.act(.ping(session: 1))])
        // The connection lives on without its socket, and with another offer.
        _ = viewer(.left)
        #expect(viewer.wait(5) == [.act(.ping(session: 1))])
        _ = viewer(.joined)
        _ = viewer(.received(.offer(sdp: smallOffer(version: 3))))
        #expect(viewer.wait(5) == [.act(.ping(session: 1))])
        viewer.answered(smallOffer(session: 2), number: 2)
        #expect(viewer(.channelOpened(session: 2)) == [.act(.ping(session: 2))])
        _ = viewer.carryOut(.close)
        #expect(viewer.wait(5) == [])
        #expect(viewer.session.nextDeadline == nil)
    }
}

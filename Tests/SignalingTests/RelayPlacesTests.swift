// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing

@testable import Signaling

private let candidate = SignalingMessage.ice(TrickledCandidate(candidate: "c", sectionIndex: 0, mid: "0"))
private let offer = SignalingMessage.offer(sdp: "")
private let answer = SignalingMessage.answer(sdp: "")
private let reconnect = SignalingMessage.command(.reconnect)
private let displaced = SignalingMessage.command(.displaced)

@Suite("Who has a camera's place")
struct RelayCameraPlaceTests {
    @Test
    func `the newest phone is served; another is told that it is displaced, and to offer again when that leaves`() {
        var relay = VirtualRelay()
        _ = [relay.viewer("v"), relay.camera("c1"), relay.says("c1", offer), relay.camera("c2")]
        #expect(relay.core.contestedNames == [])
        #expect(relay.says("c2", offer) == [.send(displaced, to: "c1"), .forward(text: "<offer>", to: "v")])
        #expect(relay.reports.contains(.cameraDisplaced("c1", by: "c2")))
        #expect(relay.core.contestedNames == [.default])
        #expect(relay.says("v", answer) == [.forward(text: "<answer>", to: "c2")])
        #expect(relay.says("v", answer) == [])
        for message in [offer, candidate, .status(.paused)] { #expect(relay.says("c1", message) == []) }
        #expect(relay(.binary("c1", bytes: 2_000)) == [])
        #expect(relay.reports.last == .dropped(from: "c1", .displaced(type: "offer"), isFirst: true))
        #expect(relay.core.count(of: .camera) == 2)
        #expect(relay(.left("c2")) == [.send(reconnect, to: "c1")])
        #expect(relay.core.contestedNames == [])
        #expect(relay.says("c1", offer) == [.forward(text: "<offer>", to: "v")])
        #expect(relay.reports.count { $0 == .cameraDisplaced("c1", by: "c2") } == 1)
    }

    @Test func `the end of a phone's old socket changes nothing`() {
        var relay = VirtualRelay()
        _ = [relay.viewer("v"), relay.says("v", .hello(session: "s")), relay.camera("c1"), relay.says("c1", offer)]
        _ = [relay.camera("c2"), relay.says("c2", .status(.recording))]
        #expect(relay(.left("c1")) == [])
        #expect(relay.viewer("w") == [.send(.cameraStatus(camera: "c2", .recording), to: "w")])
    }

    @Test func `what an old socket says late does not take the place of the socket that came after it`() {
        var relay = VirtualRelay()
        _ = [relay.viewer("v"), relay.camera("c1"), relay.camera("c2"), relay.says("c2", offer)]
        #expect(relay.says("c1", offer) == [.send(displaced, to: "c1")])
        #expect(relay.says("v", answer) == [.forward(text: "<answer>", to: "c2")])
        #expect(relay.says("v", reconnect) == [.send(reconnect, to: "c2")])
    }

    @Test func `an answer to one phone's offer is none to another's`() {
        var relay = VirtualRelay()
        _ = [relay.viewer("v"), relay.camera("c1"), relay.says("c1", offer), relay.camera("c2")]
        _ = relay.says("c2", .status(.waiting))
        #expect(relay.says("v", answer) == [])
        #expect(relay.reports.last == .dropped(from: "v", .unaskedAnswer, isFirst: true))
    }

    @Test func `a socket that shows pictures takes no place: viewers see them, and commands go to the phone`() {
        var relay = VirtualRelay()
        _ = [relay.viewer("v"), relay.camera("c"), relay.says("c", offer), relay.says("v", answer)]
        #expect(relay.camera("feeder") == [])
        #expect(relay(.binary("feeder", bytes: 2_000)) == [.forwardPicture(to: ["v"])])
        #expect(relay(.binary("c", bytes: 2_000)) == [.forwardPicture(to: ["v"])])
        for command in [Command.reconnect, .start, .stop] {
            #expect(relay.says("v", .command(command)) == [.send(.command(command), to: "c")])
            #expect(relay(.control(command, nil)).contains { $0 == .send(.command(command), to: "feeder") } == false)
        }
        #expect(relay.says("c", candidate) == [.forward(text: "<ice>", to: "v")])
        #expect(relay.core.contestedNames == [])
        #expect(!relay.reports.contains { if case .cameraDisplaced = $0 { true } else { false } })
        _ = relay.wait(2)
        #expect(relay(.left("feeder")) == [])
    }

    @Test func `commands reach a camera that knows only pictures, and every one that may be about to offer`() {
        var relay = VirtualRelay()
        _ = [relay.viewer("v"), relay.camera("c"), relay(.binary("c", bytes: 2_000))]
        #expect(relay.says("v", .command(.start)) == [.send(.command(.start), to: "c")])
        #expect(relay.camera("d") == [])
        #expect(relay(.control(.stop, nil)) == [.send(.command(.stop), to: "c"), .send(.command(.stop), to: "d")])
        #expect(relay.says("v", reconnect) == [.send(reconnect, to: "c"), .send(reconnect, to: "d")])
        #expect(relay.says("v", reconnect) == [])
        #expect([relay(.left("c")), relay(.left("d")), relay.wait(1)] == [[], [], []])
        #expect(relay.core.nextDeadline == nil)
    }

    @Test func `when the phone leaves, whoever else is there is asked for an offer`() {
        var relay = VirtualRelay()
        _ = [relay.viewer("v"), relay.camera("c"), relay.says("c", .status(.recording)), relay.camera("feeder")]
        #expect(relay(.left("c")) == [.send(reconnect, to: "feeder")])
        #expect(relay.viewer("w") == [])
    }
}

@Suite("A viewer that does not answer")
struct RelayMuteViewerTests {
    /// A phone whose offer `mute` was given, and `next` behind it.
    private func relay(_ policy: RelayCore.ViewerPolicy = .oldest) -> VirtualRelay {
        var relay = VirtualRelay(policy)
        _ = [relay.camera("c"), relay.viewer(policy == .oldest ? "mute" : "next")]
        _ = [relay.viewer(policy == .oldest ? "next" : "mute"), relay.wait(2), relay.says("c", offer)]
        return relay
    }

    @Test(arguments: [RelayCore.ViewerPolicy.oldest, .newest])
    func `gives the conversation to the next after 3 s, by either policy`(policy: RelayCore.ViewerPolicy) {
        var relay = relay(policy)
        _ = relay.newReports()
        #expect(relay.core.nextDeadline == relay.now + .seconds(3))
        #expect(relay.wait(2.999) == [])
        #expect(relay.wait(0.001) == [.send(reconnect, to: "c")])
        #expect(
            relay.newReports() == [
                .offerUnanswered(by: "mute"), .conversationHandedOver(to: "next"), .commandSent(.reconnect, to: "c"),
            ])
        #expect(relay.says("c", offer) == [.forward(text: "<offer>", to: "next")])
        #expect(relay.says("mute", answer) == [])
        #expect(relay.says("next", answer) == [.forward(text: "<answer>", to: "c")])
        #expect(relay.wait(3_600) == [])
        #expect(relay.core.nextDeadline == nil)
    }

    @Test func `keeps it while nobody waits, and gives it at once to who comes later`() {
        var relay = VirtualRelay()
        _ = [relay.camera("c"), relay.viewer("mute"), relay.says("c", offer)]
        #expect(relay.core.nextDeadline == nil)
        #expect(relay.wait(60) == [])
        #expect(relay.viewer("next") == [])
        #expect(relay.wait(0) == [.send(reconnect, to: "c")])
        #expect(relay.says("c", offer) == [.forward(text: "<offer>", to: "next")])
    }

    @Test func `an offer that is answered in time, or never made, is nothing to wait for`() {
        var relay = relay()
        _ = [relay.says("c", offer), relay.wait(2.9)]
        #expect(relay.says("mute", answer).count == 1)
        // Of two offers a receiver answers the last.
        #expect(relay.wait(60) == [])
        #expect(relay.says("c", candidate) == [.forward(text: "<ice>", to: "mute")])
    }

    @Test func `is told that it waits, if it said hello`() {
        var relay = VirtualRelay()
        _ = [relay.camera("c"), relay.viewer("mute"), relay.says("mute", .hello(session: "s")), relay.viewer("next")]
        _ = relay.says("c", offer)
        let waiting = SignalingMessage.viewerRole(.waiting, cameraPresent: true)
        #expect(relay.wait(3) == [.send(reconnect, to: "c"), .send(waiting, to: "mute")])
    }

    @Test func `a resident keeps the conversation whatever it leaves unanswered`() {
        var relay = VirtualRelay()
        _ = [
            relay.camera("c"), relay.viewer("v"),
            relay(.joined("r", RelayAddress(.viewer, of: .default), as: .resident)),
        ]
        _ = [relay.wait(2), relay.says("c", offer)]
        #expect(relay.core.nextDeadline == nil)
        #expect(relay.wait(60) == [])
        #expect(relay.says("c", offer) == [.forward(text: "<offer>", to: "r")])
    }

    /// Plays viewers that take so long to answer (`nil`: for ever) against a phone that offers as it is told, and says
    /// when the conversation was handed over.
    private func handovers(until end: Double, _ delays: [(PeerID, Double?)]) -> [Double] {
        var relay = VirtualRelay()
        _ = relay.camera("c")
        for (id, _) in delays { _ = relay.viewer(id) }
        var times: [Double] = []
        var due: (at: Double, by: PeerID)?
        var offers = true
        for step in 0..<Int(end * 10) {
            let time = Double(step) / 10
            if offers, case .forward(_, let holder)? = relay.says("c", offer).first {
                due = delays.first { $0.0 == holder }?.1.map { (time + $0, holder) }
            }
            if let (at, by) = due, at <= time {
                if !relay.says(by, answer).isEmpty { return times }
                due = nil
            }
            let actions = relay.wait(0.1)
            offers = actions.contains(.send(reconnect, to: "c"))
            if relay.newReports().contains(where: { if case .conversationHandedOver = $0 { true } else { false } }) {
                times.append(time + 0.1)
            }
        }
        return times
    }

    @Test
    func `those who are late, or slow, do not toss the conversation to and fro: somebody's answer gets through`() {
        #expect(handovers(until: 3_600, [("mute", nil), ("good", 0.2)]).count == 1)
        // Slower than the limit, before or behind one that is mute.
        #expect(handovers(until: 3_600, [("mute", nil), ("slow", 5)]).count <= 3)
        #expect(handovers(until: 3_600, [("slow", 5), ("mute", nil)]).count <= 2)
        #expect(handovers(until: 3_600, [("slow", 5), ("slower", 8)]).count <= 4)
        #expect(handovers(until: 3_600, [("mute", nil), ("slow", 20), ("mute too", nil)]).count <= 10)
    }

    @Test func `where nobody answers, the phone is asked less and less often, up to once in a quarter of an hour`() {
        let times = handovers(until: 4 * 3_600, [("mute", nil), ("mute too", nil)])
        let pauses = zip(times, times.dropFirst()).map { ($1 - $0).rounded() }
        #expect(pauses.prefix(14) == [6, 6, 12, 12, 24, 24, 48, 48, 96, 96, 192, 192, 384, 384])
        #expect(pauses.dropFirst(14).allSatisfy { $0 == 768 })
    }
}

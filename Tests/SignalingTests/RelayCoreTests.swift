// SPDX-License-Identifier: Apache-2.0

import Testing
import Text
import Timing

@testable import Signaling

private let candidate = SignalingMessage.ice(TrickledCandidate(candidate: "c", sectionIndex: 0, mid: "0"))
private let reconnect = SignalingMessage.command(.reconnect)
private let torch = SignalingMessage.command(Command(rawValue: "torch"))

private func role(_ role: ViewerRole, camera: Bool = true) -> SignalingMessage {
    .viewerRole(role, cameraPresent: camera)
}

struct RelayCoreTests {
    // MARK: - As in the first generation

    @Test func `with one camera and one viewer every message goes where it always went`() {
        var relay = VirtualRelay()
        #expect(relay.camera("c") == [])
        #expect(relay.viewer("v") == [])
        #expect(relay.says("c", .offer(sdp: "")) == [.forward(text: "<offer>", to: "v")])
        #expect(relay.says("v", .answer(sdp: "")) == [.forward(text: "<answer>", to: "c")])
        #expect(relay.says("c", candidate) == [.forward(text: "<ice>", to: "v")])
        #expect(relay.says("v", candidate) == [.forward(text: "<ice>", to: "c")])
        #expect(relay.says("c", .status(.waiting)) == [.send(.cameraStatus(camera: "c", .waiting), to: "v")])
        #expect(relay.says("v", .reconnectRequest(reason: "No frames")) == [.send(reconnect, to: "c")])
        #expect(relay.says("v", .command(.start)) == [.send(.command(.start), to: "c")])
        #expect(relay.says("v", .command(.stop)) == [.send(.command(.stop), to: "c")])
        #expect(relay.says("v", torch) == [.send(torch, to: "c")])
        #expect(relay.wait(1) == [])
        #expect(relay.says("v", reconnect) == [.send(reconnect, to: "c")])
        #expect(relay(.binary("c", bytes: 1_001)) == [.forwardPicture(to: ["v"])])
        #expect(relay(.left("v")) == [])
        #expect(relay(.left("c")) == [])
        #expect(
            relay.reports == [
                .cameraConnected("c"), .viewerConnected("v"), .signaling(from: "c", .offer),
                .signaling(from: "v", .answer), .signaling(from: "c", .ice),
                .signaling(from: "v", .ice), .reconnectRequested(by: "v", reason: "No frames"),
                .commandSent(.reconnect, to: "c"), .commandSent(.start, to: "c"), .commandSent(.stop, to: "c"),
                .commandSent(Command(rawValue: "torch"), to: "c"), .commandSent(.reconnect, to: "c"),
                .viewerDisconnected("v"), .cameraDisconnected("c"),
            ])
    }

    @Test func `nothing is stored for whoever is not there`() {
        var relay = VirtualRelay()
        _ = relay.camera("c")
        #expect(relay.says("c", .offer(sdp: "")) == [])
        #expect(relay.says("c", candidate) == [])
        #expect(relay(.binary("c", bytes: 2_000)) == [])
        #expect(relay.viewer("v") == [])
        _ = relay(.left("c"))
        for message in [SignalingMessage.reconnectRequest(reason: ""), candidate, torch] {
            #expect(relay.says("v", message) == [])
        }
        #expect(relay.camera("c2") == [])
    }

    @Test func `a viewer that joins hears the camera's last status, and none of a camera that left`() {
        var relay = VirtualRelay()
        _ = [relay.camera("c"), relay.says("c", .status(.recording)), relay.says("c", .status(.interrupted))]
        #expect(relay.viewer("v1") == [.send(.cameraStatus(camera: "c", .interrupted), to: "v1")])
        _ = relay(.left("c"))
        #expect(relay.viewer("v2") == [])
        _ = relay.camera("c2")
        #expect(relay.viewer("v3") == [])
    }

    @Test func `what is none of these is dropped and said once a peer, and closes nobody`() {
        var relay = VirtualRelay()
        _ = [relay.camera("c"), relay.viewer("v"), relay.viewer("w")]
        _ = relay.newReports()
        let fromCamera: [SignalingMessage] = [
            .answer(sdp: ""), .cameraStatus(camera: "", .waiting), .reconnectRequest(reason: ""), torch,
            .hello(session: "s"), role(.holder),
        ]
        for message in fromCamera { #expect(relay.says("c", message) == []) }
        for message in [
            SignalingMessage.offer(sdp: ""), .status(.waiting), .cameraStatus(camera: "", .waiting), role(.holder),
        ] {
            #expect(relay.says("v", message) == [])
        }
        #expect(relay(.binary("c", bytes: 1_000)) == [])
        #expect(relay(.binary("v", bytes: 5_000)) == [])
        #expect(relay(.refused("w", .unknownType("ping"))) == [])
        #expect(relay(.refused("w", .notJSON)) == [])
        #expect(
            relay.newReports() == [
                .dropped(from: "c", .misplaced(type: "answer"), isFirst: true),
                .dropped(from: "v", .misplaced(type: "offer"), isFirst: true),
                .dropped(from: "w", .refused(.unknownType("ping")), isFirst: true),
            ])
        #expect(relay.repeatedDrops == 11)
        #expect(relay.core.count(of: .viewer) == 2)
        #expect(relay.core.count(of: .camera) == 1)
    }

    @Test func `a command by HTTP goes to the named camera or to all`() throws {
        var relay = VirtualRelay()
        let door = try #require(CameraName("door"))
        _ = [relay.camera("c"), relay.camera("d", on: door), relay.viewer("v")]
        #expect(
            relay(.control(.start, nil)) == [.send(.command(.start), to: "c"), .send(.command(.start), to: "d")])
        #expect(relay(.control(.reconnect, door)) == [.send(reconnect, to: "d")])
        #expect(relay(.control(.stop, CameraName("nowhere"))) == [])
    }

    @Test func `cameras of different names have nothing to do with each other`() throws {
        var relay = VirtualRelay()
        let door = try #require(CameraName("door"))
        _ = [relay.camera("c"), relay.camera("d", on: door), relay.viewer("v"), relay.viewer("w", on: door)]
        #expect(relay.says("d", .offer(sdp: "")) == [.forward(text: "<offer>", to: "w")])
        #expect(relay.says("v", .reconnectRequest(reason: "")) == [.send(reconnect, to: "c")])
        #expect(relay(.binary("c", bytes: 2_000)) == [.forwardPicture(to: ["v"])])
        #expect(relay.core.count(of: .camera) == 2)
    }

    // MARK: - Several viewers

    @Test func `the first viewer holds the conversation; all get statuses and pictures and can start and stop`() {
        var relay = VirtualRelay()
        _ = [relay.camera("c"), relay.viewer("v"), relay.viewer("w")]
        #expect(relay.says("c", .offer(sdp: "")) == [.forward(text: "<offer>", to: "v")])
        #expect(relay.says("c", candidate) == [.forward(text: "<ice>", to: "v")])
        for message in [SignalingMessage.answer(sdp: ""), candidate, .reconnectRequest(reason: ""), reconnect] {
            #expect(relay.says("w", message) == [])
        }
        #expect(relay.reports.last == .dropped(from: "w", .notHolder(type: "answer"), isFirst: true))
        #expect(relay.says("w", .command(.stop)) == [.send(.command(.stop), to: "c")])
        #expect(relay.says("c", .status(.recording)).count == 2)
        #expect(relay(.binary("c", bytes: 2_000)) == [.forwardPicture(to: ["v", "w"])])
        #expect(relay.says("v", .answer(sdp: "")) == [.forward(text: "<answer>", to: "c")])
    }

    @Test func `when a holder without a session leaves, the next takes over at once and the camera reconnects`() {
        var relay = VirtualRelay()
        _ = [relay.camera("c"), relay.viewer("v"), relay.viewer("w"), relay.viewer("x")]
        #expect(relay(.left("v")) == [.send(reconnect, to: "c")])
        #expect(relay.reports.contains(.conversationHandedOver(to: "w")))
        #expect(relay.says("c", .offer(sdp: "")) == [.forward(text: "<offer>", to: "w")])
        #expect(relay(.left("x")) == [])
        #expect(relay(.left("w")) == [])
        #expect(relay.viewer("y") == [])
        #expect(relay.says("c", .offer(sdp: "")) == [.forward(text: "<offer>", to: "y")])
    }

    @Test func `by the other policy the last to come holds it`() {
        var relay = VirtualRelay(.newest)
        _ = [relay.camera("c"), relay.viewer("v")]
        #expect(relay.viewer("w") == [.send(reconnect, to: "c")])
        #expect(relay.says("c", .offer(sdp: "")) == [.forward(text: "<offer>", to: "w")])
        #expect(relay.wait(1) == [])
        #expect(relay.viewer("x") == [.send(reconnect, to: "c")])
        #expect(relay.says("w", .answer(sdp: "")) == [])
        #expect(relay.wait(1) == [])
        #expect(relay(.left("x")) == [.send(reconnect, to: "c")])
        #expect(relay.says("c", candidate) == [.forward(text: "<ice>", to: "w")])
    }

    @Test func `a resident counts as the first, even where a passer-by was there before`() {
        var relay = VirtualRelay()
        _ = [relay.viewer("v"), relay.camera("c")]
        #expect(relay(.joined("r", RelayAddress(.viewer, of: .default), as: .resident)) == [.send(reconnect, to: "c")])
        #expect(relay.says("c", .offer(sdp: "")) == [.forward(text: "<offer>", to: "r")])
        #expect(relay.viewer("w") == [])
        _ = relay.wait(1)
        #expect(relay(.left("r")) == [.send(reconnect, to: "c")])
        #expect(relay.says("c", .offer(sdp: "")) == [.forward(text: "<offer>", to: "v")])
    }

    @Test func `who says hello is told what it is, and again whenever that changes; the others hear nothing`() {
        var relay = VirtualRelay()
        #expect(relay.viewer("v") == [])
        #expect(relay.says("v", .hello(session: "s1")) == [.send(role(.holder, camera: false), to: "v")])
        #expect(relay.camera("c") == [.send(role(.holder), to: "v")])
        #expect(relay.viewer("old") == [])
        #expect(relay.viewer("w") == [])
        #expect(relay.says("w", .hello(session: "s2")) == [.send(role(.waiting), to: "w")])
        #expect(relay.says("w", .hello(session: "s2")) == [.send(role(.waiting), to: "w")])
        #expect(relay(.left("old")) == [])
        #expect(
            relay(.left("c")) == [
                .send(role(.holder, camera: false), to: "v"), .send(role(.waiting, camera: false), to: "w"),
            ])
        #expect(relay(.left("v")) == [])
        #expect(relay.wait(5) == [.send(role(.holder, camera: false), to: "w")])
    }

    // MARK: - Returning

    @Test(arguments: [RelayCore.ViewerPolicy.oldest, .newest])
    func `a holder that named its session keeps its place for 5 s, whoever comes`(policy: RelayCore.ViewerPolicy) {
        var relay = VirtualRelay(policy)
        _ = [relay.camera("c"), relay.viewer("w"), relay.viewer("v"), relay.says("v", .hello(session: "s"))]
        if policy == .oldest { _ = relay(.left("w")) }
        #expect(relay(.left("v")) == [])
        #expect(relay.viewer("x") == [])
        #expect(relay.says("c", .offer(sdp: "")) == [])
        #expect(relay.core.nextDeadline == seconds(5))
        #expect(relay.wait(4.999) == [])
        #expect(relay.wait(0.001) == [.send(reconnect, to: "c")])
        #expect(relay.reports.last == .commandSent(.reconnect, to: "c"))
        #expect(relay.core.nextDeadline == nil)
        #expect(relay.says("c", .offer(sdp: "")) == [.forward(text: "<offer>", to: "x")])
    }

    @Test func `a viewer that returns finds its place, and the conversation goes on where it was`() {
        var relay = VirtualRelay()
        _ = [relay.camera("c"), relay.viewer("v"), relay.says("v", .hello(session: "s")), relay.viewer("w")]
        _ = [relay.says("c", .offer(sdp: "")), relay(.left("v")), relay.wait(4)]
        #expect(relay.viewer("v2") == [])
        #expect(relay.says("v2", .hello(session: "s")) == [.send(role(.holder), to: "v2")])
        #expect(relay.wait(2.9) == [])
        #expect(relay.says("v2", .answer(sdp: "")) == [.forward(text: "<answer>", to: "c")])
        #expect(relay.says("c", candidate) == [.forward(text: "<ice>", to: "v2")])
    }

    @Test func `a viewer that returns before its old socket is known to be dead takes its place at once`() {
        var relay = VirtualRelay()
        _ = [relay.camera("c"), relay.viewer("v"), relay.says("v", .hello(session: "s"))]
        _ = [relay.viewer("w"), relay.viewer("v2")]
        #expect(
            relay.says("v2", .hello(session: "s")) == [.close("v", .superseded), .send(role(.holder), to: "v2")])
        #expect(relay.core.count(of: .viewer) == 2)
        #expect(relay(.left("v")) == [])
        #expect(relay.says("v", .reconnectRequest(reason: "")) == [])
        #expect(relay.says("v2", .reconnectRequest(reason: "")) == [.send(reconnect, to: "c")])
    }

    @Test func `a session that did not hold the conversation returns to waiting, and another's name opens nothing`() {
        var relay = VirtualRelay()
        _ = [relay.camera("c"), relay.viewer("v"), relay.says("v", .hello(session: "s"))]
        _ = [relay.viewer("w"), relay.says("w", .hello(session: "t")), relay.viewer("w2")]
        #expect(
            relay.says("w2", .hello(session: "t")) == [.close("w", .superseded), .send(role(.waiting), to: "w2")])
        _ = relay(.left("v"))
        #expect(relay.says("w2", .hello(session: "guess")) == [.send(role(.waiting), to: "w2")])
        #expect(relay.says("w2", .reconnectRequest(reason: "")) == [])
    }

    @Test func `where the last to come holds the conversation, a hello takes it from nobody`() {
        var relay = VirtualRelay(.newest)
        _ = [relay.camera("c"), relay.viewer("v"), relay.says("v", .hello(session: "s")), relay.viewer("w")]
        _ = [relay.says("w", .hello(session: "t")), relay(.left("w")), relay.wait(5), relay.viewer("w2")]
        _ = relay.viewer("x")
        #expect(relay.says("w2", .hello(session: "t")) == [.send(role(.waiting), to: "w2")])
    }

    // MARK: - Answers

    @Test func `an answer passes only for an offer that its sender got`() {
        var relay = VirtualRelay()
        _ = [relay.camera("c"), relay.viewer("v")]
        #expect(relay.says("v", .answer(sdp: "")) == [])
        #expect(relay.reports.last == .dropped(from: "v", .unaskedAnswer, isFirst: true))
        _ = relay.says("c", .offer(sdp: ""))
        #expect(relay.says("v", .answer(sdp: "")).count == 1)
        #expect(relay.says("v", .answer(sdp: "")) == [])
        _ = [relay.says("c", .offer(sdp: "")), relay.viewer("w"), relay(.left("v"))]
        #expect(relay.says("w", .answer(sdp: "")) == [])
    }

    // MARK: - Limits

    @Test func `100 messages a second for ever, 200 at once, and one more is a flood`() {
        var relay = VirtualRelay()
        _ = [relay.camera("c"), relay.viewer("v"), relay.viewer("w")]
        for _ in 0..<200 { #expect(relay(.binary("c", bytes: 2_000)) == [.forwardPicture(to: ["v", "w"])]) }
        for _ in 0..<1_000 {
            relay.now += .milliseconds(10)
            #expect(relay(.binary("c", bytes: 2_000)).count == 1)
        }
        for _ in 0..<200 { _ = relay.says("v", candidate) }
        #expect(relay(.refused("v", .notJSON)) == [.close("v", .flooding), .send(reconnect, to: "c")])
        #expect(relay.reports.contains(.closed("v", .flooding)))
        #expect(relay.says("v", .reconnectRequest(reason: "")) == [])
        #expect(relay(.left("v")) == [])
        #expect(relay.says("c", candidate).isEmpty == false)
        #expect(relay.core.count(of: .viewer) == 1)
    }

    @Test func `the thousand and first peer is sent away`() {
        var relay = VirtualRelay()
        for number in 0..<1_000 { #expect(relay.viewer(PeerID("v\(number)")) == []) }
        #expect(relay.camera("late") == [.close("late", .full)])
        #expect(relay(.left("late")) == [])
        // What its own process needs finds a place all the same.
        #expect(relay(.joined("r", RelayAddress(.viewer, of: .default), as: .resident)) == [])
        _ = relay(.left("v501"))
        _ = relay(.left("v500"))
        #expect(relay.camera("late2") == [])
    }

    @Test func `a camera is told to reconnect at once, and of all that ask within a second of it, once at its end`() {
        var relay = VirtualRelay()
        _ = [relay.camera("c"), relay.viewer("v"), relay.viewer("w")]
        #expect(relay.says("v", .reconnectRequest(reason: "")) == [.send(reconnect, to: "c")])
        for _ in 0..<99 {
            relay.now += .milliseconds(10)
            #expect(relay.says("v", .reconnectRequest(reason: "")) == [])
        }
        #expect(relay(.left("v")) == [])
        #expect(relay.says("c", .offer(sdp: "")) == [.forward(text: "<offer>", to: "w")])
        #expect(relay.reports.count { $0 == .reconnectMerged(for: "c") } == 100)
        #expect(relay.core.nextDeadline == seconds(1))
        #expect(relay.wait(0.01) == [.send(reconnect, to: "c")])
        #expect(relay.says("w", reconnect) == [])
        #expect(relay.wait(1) == [.send(reconnect, to: "c")])
        #expect(relay.wait(1) == [])
        #expect(relay.says("w", reconnect) == [.send(reconnect, to: "c")])
        #expect(relay.camera("c2") == [])
        _ = relay.says("c2", .offer(sdp: ""))
        #expect(relay.says("w", reconnect) == [.send(reconnect, to: "c2")])
    }

    @Test func `each closing has its code`() {
        #expect([RelayCore.Closing.flooding, .full, .superseded].map(\.code) == [1_008, 1_013, 1_000])
    }
}

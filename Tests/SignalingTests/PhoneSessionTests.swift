// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing

@testable import Signaling

/// A phone in virtual time.
private struct Phone {
    var session: PhoneSession
    var now = seconds(100)
    var lot = 0.0

    init(_ change: (inout Mischief) -> Void = { _ in }) {
        var mischief = Mischief()
        change(&mischief)
        session = PhoneSession(mischief: mischief, startedAt: now)
    }

    @discardableResult
    mutating func callAsFunction(_ event: PhoneSession.Event) -> [PhoneSession.Action] {
        session.handle(event, at: now, lot: lot)
    }

    mutating func wait(_ time: Double) -> [PhoneSession.Action] {
        now += .exactly(time)
        return session.handle(.tick, at: now, lot: lot)
    }

    /// Joined, with an offer that is out.
    mutating func offer(number: Int = 1) {
        if number == 1 { self(.joined) }
        self(.offerReady(session: number, sdp: smallOffer(ufrag: "phone\(number)")))
    }

    /// Joined, offered and answered.
    mutating func connect(number: Int = 1) {
        offer(number: number)
        self(.received(answer(to: number)))
        self(.answerSet(session: number))
    }
}

private func answer(to number: Int) -> SignalingMessage { .answer(sdp: smallOffer(ufrag: "viewer\(number)")) }

private let reconnect = PhoneSession.Event.received(.command(.reconnect))

private func ice(_ address: String, ufrag: String? = nil) -> PhoneSession.Event {
    let end = ufrag.map { " generation 0 ufrag \($0)" } ?? ""
    let line = "candidate:1 1 udp 5 \(address) 5000 typ host\(end)"
    return .received(.ice(TrickledCandidate(candidate: line, sectionIndex: 0, mid: "0")))
}

/// The addresses of the candidates that are handed on, with the session of each.
private func added(_ actions: [PhoneSession.Action]) -> [String] {
    actions.compactMap {
        if case .addCandidate(let session, let candidate, _) = $0 { "\(session): \(candidate.address)" } else { nil }
    }
}

struct PhoneSessionTests {
    @Test func `a conversation from the first offer to frames`() throws {
        var phone = Phone()
        #expect(phone(.joined) == [.send(.status(.waiting)), .openPeer(session: 1)])
        #expect(phone(.candidateFound(session: 1, candidate: "candidate:early", section: 0)) == [])
        func ours(_ text: String) -> PhoneSession.Action {
            .send(.ice(TrickledCandidate(candidate: text, sectionIndex: 0, mid: "0")))
        }
        let offer = smallOffer()
        #expect(
            phone(.offerReady(session: 1, sdp: offer)) == [.send(.offer(sdp: offer)), ours("candidate:early")])
        #expect(phone(.candidateFound(session: 1, candidate: "candidate:late", section: 0)) == [ours("candidate:late")])
        #expect(phone(.candidateFound(session: 1, candidate: "", section: 0)) == [])

        #expect(added(phone(ice("10.0.0.1"))) == [])
        let answered = try SessionDescription(parsing: smallOffer(ufrag: "viewer1"))
        #expect(phone(.received(answer(to: 1))) == [.setAnswer(session: 1, answered)])
        #expect(added(phone(ice("10.0.0.2"))) == [])
        #expect(added(phone(.answerSet(session: 1))) == ["1: 10.0.0.1", "1: 10.0.0.2"])
        #expect(added(phone(ice("10.0.0.3", ufrag: "viewer1"))) == ["1: 10.0.0.3"])
        #expect(phone(.connected(session: 1)) == [.startFrames(session: 1)])
        #expect(phone(.connected(session: 1)) == [])
        #expect(phone.session.nextDeadline == nil)
    }

    @Test(arguments: 0...3)
    func `a reconnect closes the peer and opens a fresh one, at any stage`(stage: Int) {
        var phone = Phone()
        phone(.joined)
        if stage >= 1 { phone(.offerReady(session: 1, sdp: smallOffer())) }
        if stage >= 2 { phone(.received(answer(to: 1))) }
        if stage >= 3 { phone(.answerSet(session: 1)) }
        #expect(phone(reconnect) == [.reportCommand(.reconnect), .closePeer(session: 1), .openPeer(session: 2)])
    }

    @Test func `a socket that opens again brings an offer, and until then the old connection goes on`() {
        var phone = Phone()
        phone.connect()
        #expect(phone(.left) == [])
        #expect(phone(.connected(session: 1)) == [.startFrames(session: 1)])
        #expect(phone(reconnect) == [], "what comes late over a dead socket is not heard")
        #expect(
            phone(.joined) == [.send(.status(.waiting)), .closePeer(session: 1), .openPeer(session: 2)])
    }

    @Test func `an offer that is ready once the socket is gone is not sent`() {
        var phone = Phone()
        phone(.joined)
        phone(.left)
        #expect(phone(.offerReady(session: 1, sdp: smallOffer())) == [])
        #expect(phone(.candidateFound(session: 1, candidate: "candidate:x", section: 0)) == [])
    }

    @Test func `what an earlier session's peer says is not heard`() {
        var phone = Phone()
        phone.connect()
        phone(reconnect)
        phone(.offerReady(session: 2, sdp: smallOffer()))
        phone(.received(answer(to: 2)))
        let stale: [PhoneSession.Event] = [
            .offerReady(session: 1, sdp: smallOffer()), .answerSet(session: 1), .connected(session: 1),
            .candidateFound(session: 1, candidate: "candidate:x", section: 0),
        ]
        for event in stale { #expect(phone(event) == [], "\(event)") }
    }

    @Test func `of an offer's answers the first counts`() {
        var phone = Phone()
        phone(.joined)
        #expect(phone(.received(answer(to: 1))) == [.reportRefusedAnswer(.unexpected)])
        phone(.offerReady(session: 1, sdp: smallOffer()))
        #expect(phone(.received(.answer(sdp: "garbage"))) == [.reportRefusedAnswer(.malformed(.garbage(line: 1)))])
        #expect(phone(.received(.answer(sdp: "v=0\r\n"))) == [.reportRefusedAnswer(.mismatched)])
        #expect(phone(.received(answer(to: 1))).count == 1, "garbage has not taken the answer's place")
        #expect(phone(.received(answer(to: 1))) == [.reportRefusedAnswer(.unexpected)])
    }

    @Test func `candidates of another session, mDNS names and garbage are dropped`() {
        var phone = Phone()
        phone.connect()
        #expect(phone(ice("10.0.0.1", ufrag: "other")) == [])
        #expect(phone(ice("0f0a.local")) == [.reportDroppedCandidate(.localName)])
        let garbage = TrickledCandidate(candidate: "garbage", sectionIndex: 0, mid: nil)
        #expect(phone(.received(.ice(garbage))) == [.reportDroppedCandidate(.malformed)])
        let end = TrickledCandidate(candidate: nil, sectionIndex: nil, mid: nil)
        #expect(phone(.received(.ice(end))) == [])
    }

    @Test func `an answer is handed on without the candidates that do harm`() throws {
        var phone = Phone()
        phone.offer()
        let line = "a=candidate:1 1 udp 5 0f0a.local 5000 typ host\r\n"
        let clean = smallOffer(ufrag: "viewer1")
        let expected = try SessionDescription(parsing: clean)
        #expect(phone(.received(.answer(sdp: clean + line))) == [.setAnswer(session: 1, expected)])
    }

    @Test func `start and stop change the status, which a new socket is told; what is unknown changes nothing`() {
        var phone = Phone()
        phone.connect()
        #expect(phone(.received(.command(.start))) == [.reportCommand(.start), .send(.status(.recording))])
        phone(.left)
        #expect(phone(.joined).first == .send(.status(.recording)))
        #expect(phone(.received(.command(.stop))) == [.reportCommand(.stop), .send(.status(.waiting))])
        let unknown = Command(rawValue: "dance")
        #expect(phone(.received(.command(unknown))) == [.reportIgnoredCommand(unknown)])
    }

    // MARK: - Mischief

    @Test func `a zombie's frames stop so long after each fresh connection`() {
        var phone = Phone { $0.zombieAfter = .seconds(40) ... .seconds(40) }
        phone.connect()
        for number in 1...3 {
            #expect(phone.session.nextDeadline == nil)
            #expect(phone(.connected(session: number)) == [.startFrames(session: number)])
            #expect(phone.session.nextDeadline == phone.now + .seconds(40))
            #expect(phone.wait(39.9) == [])
            #expect(phone.wait(0.1) == [.stopFrames(session: number)])
            phone(reconnect)
            phone.connect(number: number + 1)
        }
    }

    @Test(arguments: [(0, 30.0), (0.5, 45), (1, 60)])
    func `of a range, each connection's time is drawn anew`(lot: Double, seconds: Double) {
        var phone = Phone { $0.zombieAfter = .seconds(30) ... .seconds(60) }
        for (number, lot, seconds) in [(1, 0.2, 36.0), (2, lot, seconds)] {
            phone.connect(number: number)
            phone.lot = lot
            phone(.connected(session: number))
            #expect(phone.session.nextDeadline == phone.now + .exactly(seconds))
            phone(reconnect)
        }
    }

    @Test func `a reconnect before its time keeps a connection from becoming a zombie`() {
        var phone = Phone { $0.zombieAfter = .seconds(40) ... .seconds(40) }
        phone.connect()
        phone(.connected(session: 1))
        phone(reconnect)
        #expect(phone.wait(60) == [])
    }

    @Test func `the first commands are ignored, all others heard`() {
        var phone = Phone { $0.ignoredCommands = 2 }
        phone.connect()
        #expect(phone(reconnect) == [.reportIgnoredCommand(.reconnect)])
        #expect(phone(.received(.command(.start))) == [.reportIgnoredCommand(.start)])
        #expect(phone(reconnect).first == .reportCommand(.reconnect))
    }

    @Test func `a slow offer takes its time, which a lost socket ends`() {
        var phone = Phone { $0.offerDelay = .seconds(5) }
        #expect(phone(.joined) == [.send(.status(.waiting)), .reportDelay(.seconds(5))])
        #expect(phone.wait(4.9) == [])
        #expect(phone.wait(0.1) == [.openPeer(session: 1)])
        #expect(phone(reconnect) == [.reportCommand(.reconnect), .closePeer(session: 1), .reportDelay(.seconds(5))])
        #expect(phone.session.nextDeadline == phone.now + .seconds(5))
        phone.now += .seconds(1)
        #expect(phone(reconnect) == [.reportCommand(.reconnect)])
        #expect(phone.session.nextDeadline == phone.now + .seconds(4))
        phone(.left)
        #expect(phone.session.nextDeadline == nil)
        #expect(phone.wait(10) == [])
    }

    @Test func `the end comes once, so long after the start`() {
        var phone = Phone { $0.dieAfter = .seconds(60) }
        phone.connect()
        #expect(phone.session.nextDeadline == phone.now + .seconds(60))
        #expect(phone.wait(60) == [.die])
        #expect(phone.wait(60) == [])
    }

    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `whatever comes, one peer is open at a time and what is done concerns it`(seed: UInt64) {
        var dice = Dice(seed: seed)
        var phone = Phone {
            $0.zombieAfter = .seconds(3) ... .seconds(5)
            $0.offerDelay = seed.isMultiple(of: 2) ? .zero : .seconds(1)
        }
        var (last, open) = (0, Int?.none)
        for _ in 1...300 {
            phone.now += .exactly(Double.random(in: 0...1, using: &dice))
            for action in phone(PhoneSessionTests.randomEvent(&dice, near: last)) {
                switch action {
                case .openPeer(let session):
                    #expect(open == nil && session > last)
                    (last, open) = (session, session)
                case .closePeer(let session):
                    #expect(open == session)
                    open = nil
                case .setAnswer(let session, _), .addCandidate(let session, _, _), .startFrames(let session),
                    .stopFrames(let session):
                    #expect(open == session)
                case .send(let message): #expect(["offer", "ice", "status"].contains(message.type))
                case .die, .reportCommand, .reportIgnoredCommand, .reportDelay, .reportRefusedAnswer,
                    .reportDroppedCandidate:
                    break
                }
            }
        }
        #expect(last > 1)
    }

    private static func randomEvent(_ dice: inout Dice, near live: Int) -> PhoneSession.Event {
        let session = live + ([0, 0, 0, -1, 1].randomElement(using: &dice) ?? 0)
        switch Int.random(in: 0..<10, using: &dice) {
        case 0: return .left
        case 1: return .joined
        case 2: return reconnect
        case 3: return .offerReady(session: session, sdp: smallOffer(ufrag: "phone\(session)"))
        case 4: return .received(answer(to: session))
        case 5: return .answerSet(session: session)
        case 6: return .connected(session: session)
        case 7: return ice("10.0.0.1", ufrag: Bool.random(using: &dice) ? "viewer\(session)" : nil)
        case 8: return .candidateFound(session: session, candidate: "candidate:x", section: 0)
        default: return .tick
        }
    }
}

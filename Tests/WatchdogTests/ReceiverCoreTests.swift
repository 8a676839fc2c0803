// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing
import Watchdog

/// A conversation that says what the test puts into its mouth, and notes its orders as what it did.
private struct Script: Conversation {
    enum Action: Equatable, Sendable {
        case say(String)
        case order(SourceOrder)
    }

    typealias Event = [ConversationStep<Action, String>]
    typealias Report = String

    var hasListener: Bool { true }
    var session: Int?
    var nextDeadline: Instant?
    /// What it says to its next tick, unless it has been asked to reopen before.
    var overdue: Event = []
    /// What it says to its next order.
    var retort: Event = []

    mutating func hear(_ event: Event, at now: Instant) -> [Step] { event }

    mutating func carryOut(_ order: SourceOrder, at now: Instant) -> [Step] {
        defer { retort = [] }
        if case .reopen = order { overdue = [] }
        return [.act(.order(order))] + retort
    }

    mutating func tick(at now: Instant) -> [Step] { overdue }
}

@Suite("A receiver's core")
struct ReceiverCoreTests {
    private var core = ReceiverCore(policy: FrameWatchdog.Policy(), talk: Script())

    private mutating func handle(_ event: ReceiverCore<Script>.Event, at time: Double) -> ReceiverCore<Script>.Outcome {
        core.handle(event, at: instant(time), jitter: 0)
    }

    private mutating func hear(_ steps: Script.Event, at time: Double) -> ReceiverCore<Script>.Outcome {
        handle(.conversation(steps), at: time)
    }

    private static let reopen = Script.Action.order(.reopen(.failure, silence: .seconds(3)))

    @Test mutating func `hears each word before it acts on what follows from it`() {
        _ = hear([.tell(.offered)], at: 0)
        let outcome = hear([.act(.say("before")), .tell(.failed), .act(.say("after"))], at: 3)
        #expect(outcome.actions == [.say("before"), .say("after"), ReceiverCoreTests.reopen])
    }

    @Test mutating func `takes what an order brings about for news, and ends`() {
        core = ReceiverCore(policy: FrameWatchdog.Policy(), talk: Script(retort: [.tell(.gone), .report("lost")]))
        _ = hear([.tell(.offered)], at: 0)
        let outcome = hear([.tell(.failed)], at: 3)
        #expect(outcome.actions == [ReceiverCoreTests.reopen])
        let events = outcome.reports.map {
            switch $0 {
            case .watch(let watch): "\(watch.event)"
            case .conversation(let text): text
            }
        }
        #expect(events == ["failed", "lost", "gone"])
    }

    @Test mutating func `asks once where the watchdog and the conversation are due at once`() {
        let missed: Script.Event = [.tell(.missed(.missedOffer))]
        core = ReceiverCore(policy: FrameWatchdog.Policy(), talk: Script(overdue: missed))
        _ = hear([.tell(.connected)], at: 0)
        #expect(handle(.tick, at: 50).actions == [.order(.reopen(.silence, silence: .seconds(50)))])
    }

    @Test mutating func `reports what the watchdog was told, what it said, and what it waits for`() throws {
        let outcome = hear([.tell(.connected)], at: 1)
        guard case .watch(let watch)? = outcome.reports.first else {
            Issue.record("\(outcome)")
            return
        }
        #expect(watch.event == .connected && watch.actions == [])
        #expect(watch.nextDeadline == instant(6))
        #expect(outcome.actions == [])
    }

    @Test mutating func `says of which connection frames come, when that changes or they end a silence`() {
        _ = hear([.tell(.connected)], at: 0)
        #expect(handle(.frame(timestamp: 1, session: 1), at: 0.1).actions == [.order(.settle(session: 1))])
        #expect(handle(.frame(timestamp: 2, session: 1), at: 0.2).actions == [])
        #expect(handle(.frame(timestamp: 3, session: 2), at: 0.3).actions == [.order(.settle(session: 2))])
        for deadline in [5.3, 8.3, 10.3] { _ = handle(.tick, at: deadline) }
        #expect(handle(.frame(timestamp: 4, session: 2), at: 11).actions == [.order(.settle(session: 2))])
    }

    @Test mutating func `knows an older connection's frames for what they are`() {
        core = ReceiverCore(policy: FrameWatchdog.Policy(), talk: Script(session: 2))
        _ = hear([.tell(.offered)], at: 0)
        _ = handle(.frame(timestamp: 1, session: 1), at: 1)
        #expect(core.nextDeadline == instant(30))
        _ = handle(.frame(timestamp: 2, session: 2), at: 2)
        #expect(core.nextDeadline == instant(7))
    }

    @Test mutating func `reports nothing of a frame, but when it ends a silence`() {
        _ = hear([.tell(.connected)], at: 0)
        #expect(handle(.frame(timestamp: 1, session: 1), at: 0.1).reports.isEmpty)
        for deadline in [5.1, 8.1, 10.1] { _ = handle(.tick, at: deadline) }
        guard case .watch(let watch)? = handle(.frame(timestamp: 2, session: 1), at: 12.1).reports.first else {
            Issue.record("no recovery")
            return
        }
        #expect(watch.actions == [.reportRecovery(silence: .seconds(12))])
    }

    @Test(arguments: [(nil, 6.0), (4.0, 4.0), (9.0, 6.0)])
    mutating func `waits for whichever of the two is due first`(talk: Double?, due: Double) {
        core = ReceiverCore(policy: FrameWatchdog.Policy(), talk: Script(nextDeadline: talk.map(instant)))
        _ = hear([.tell(.connected)], at: 1)
        #expect(core.nextDeadline == instant(due))
    }

    @Test mutating func `closes the connection at its end, and is deaf from then on`() {
        _ = hear([.tell(.connected)], at: 0)
        #expect(handle(.shutdown, at: 1).actions == [.order(.close)])
        #expect(core.nextDeadline == nil)
        let late: [ReceiverCore<Script>.Event] = [
            .tick, .frame(timestamp: 1, session: 1), .shutdown, .conversation([.tell(.failed)]),
        ]
        for event in late {
            let outcome = handle(event, at: 60)
            #expect(outcome.actions.isEmpty && outcome.reports.isEmpty)
        }
    }
}

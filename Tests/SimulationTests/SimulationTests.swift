// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing
import Watchdog

@testable import Simulation

struct SimulationTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `an hour of trouble passes without a violation`(seed: UInt64) {
        let outcome = Simulation.run(seed: seed, hours: 1)
        #expect(outcome.violation == nil, "\(outcome)")
        #expect(outcome.script.count > 5)
        #expect(outcome.summary.frames > 1_000)
        #expect(outcome.summary.episodes > 0)
        #expect(outcome.summary.worstRecovery > .zero)
    }

    @Test func `a seed gives the same figures each time`() {
        let once = Simulation.run(seed: 5, hours: 1)
        let again = Simulation.run(seed: 5, hours: 1)
        #expect(once.summary == again.summary)
        #expect(once.summary != Simulation.run(seed: 6, hours: 1).summary)
    }

    @Test func `figures add up the same in whatever order they are merged`() {
        let summaries = [7, 8, 9].map { Simulation.run(seed: $0, hours: 1, only: [0, 1, 2]).summary }
        let forwards = summaries.reduce(into: Summary()) { $0.merge($1) }
        let backwards = summaries.reversed().reduce(into: Summary()) { $0.merge($1) }
        #expect(forwards == backwards)
        #expect(forwards.seeds == 3)
        #expect(forwards.time == .seconds(3 * 3600))
    }

    @Test func `a longer run begins as a shorter one`() {
        let short = Simulation.run(seed: 3, hours: 1).script
        let long = Simulation.run(seed: 3, hours: 2).script
        #expect(Array(long.prefix(short.count)) == short)
        #expect(long.count > short.count)
    }

    @Test(arguments: WrongPolicy.all)
    func `a watchdog of a wrong policy is caught`(wrong: WrongPolicy) {
        let caught = (1...100).lazy.compactMap { seed in
            Simulation.run(seed: seed, hours: 1, policy: wrong.policy).violation
        }.first
        #expect(caught?.property == wrong.violates)
    }
}

struct WrongPolicy: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let violates: Property
    let policy: FrameWatchdog.Policy

    init(_ name: String, violates: Property, _ change: (inout FrameWatchdog.Policy) -> Void) {
        var policy = FrameWatchdog.Policy()
        change(&policy)
        testDescription = name
        self.violates = violates
        self.policy = policy
    }

    static let all = [
        WrongPolicy("death comes late", violates: .detection) { $0.stallAfter = .milliseconds(10_500) },
        WrongPolicy("death comes early", violates: .detection) { $0.stallAfter = .milliseconds(9_500) },
        WrongPolicy("reports come late", violates: .reports) { $0.warnAfter = .seconds(6) },
        WrongPolicy("reports come often", violates: .reports) { $0.checkEvery = .seconds(2) },
        WrongPolicy("a request is given up early", violates: .persistence) { $0.reconnectWait = .seconds(29) },
        WrongPolicy("a request is given up late", violates: .persistence) { $0.reconnectWait = .seconds(31) },
        WrongPolicy("waits are too short", violates: .persistence) { $0.retries = Backoff([.seconds(8)]) },
        WrongPolicy("waits do not grow", violates: .persistence) { $0.retries = Backoff([.seconds(10)]) },
        WrongPolicy("an offer is given up early", violates: .restraint) { $0.negotiationLimit = .seconds(20) },
        WrongPolicy("an offer is given up late", violates: .persistence) { $0.negotiationLimit = .seconds(40) },
        WrongPolicy("a goodbye is failure at once", violates: .restraint) { $0.grace = .zero },
        WrongPolicy("a goodbye is failure late", violates: .persistence) { $0.grace = .seconds(3) },
        WrongPolicy("few frames count as steady", violates: .persistence) { $0.steadyAfter = .seconds(1) },
        WrongPolicy("attempts end", violates: .persistence) { $0.maxAttempts = 2 },
    ]
}

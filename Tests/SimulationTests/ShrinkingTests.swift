// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing
import Watchdog

@testable import Simulation

struct ShrinkingTests {
    @Test func `a violating script shrinks to what matters, and replays`() throws {
        var impatient = FrameWatchdog.Policy()
        impatient.stallAfter = .milliseconds(10_500)
        let outcome = try #require(
            (1...20).lazy.map { Simulation.run(seed: $0, hours: 1, policy: impatient) }
                .first { ($0.violation?.time ?? .init(sinceOrigin: .zero)) > .init(sinceOrigin: .seconds(600)) })
        let shrunk = Simulation.shrink(outcome, runs: 60)
        let only = try #require(shrunk.only)
        #expect(only.count <= 2)
        #expect(shrunk.violation?.property == outcome.violation?.property)

        let replayed = Simulation.run(seed: outcome.seed, hours: 1, only: only, policy: impatient)
        #expect(replayed.violation == shrunk.violation)
        let list = only.map(String.init).joined(separator: ",")
        #expect(shrunk.command == "framewatch simulate --seed \(outcome.seed) --seeds 1 --hours 1 --only \(list)")
        let text = shrunk.description
        #expect(text.hasPrefix(shrunk.script.map(\.description).joined(separator: "\n")))
        #expect(text.hasSuffix(shrunk.command))
    }

    @Test func `without a violation there is nothing to shrink`() {
        let outcome = Simulation.run(seed: 1, hours: 1, only: [0])
        #expect(Simulation.shrink(outcome).only == [0])
        #expect(outcome.description == "seed 1: no violation")
    }
}

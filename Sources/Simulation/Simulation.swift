// SPDX-License-Identifier: Apache-2.0

import Timing
import Watchdog

/// A virtual phone, network, relay and receiver: seeds in, violations out.
///
/// The watchdog, the meter, the viewer's session, the relay's core and the messages between them are the real ones;
/// everything around them follows a script that the seed makes. A seed gives the same outcome on every machine.
package enum Simulation {
    /// Runs `hours` of a seed's script, or only those of its disturbances that `only` names by index, and stops at the
    /// first violation. A `policy` other than the default breaks the promises.
    package static func run(
        seed: UInt64, hours: Int, only: [Int]? = nil, policy: FrameWatchdog.Policy = .init()
    ) -> Outcome {
        var script = Script(seed: seed, hours: hours)
        if let only { script.keep(only) }
        var world = World(seed: seed, script: script, hours: hours, policy: policy)
        world.run()
        return Outcome(
            seed: seed, hours: hours, only: only, policy: policy, script: script.disturbances,
            violation: world.checker.violation, summary: world.summary)
    }
}

/// What came of a seed.
package struct Outcome: Sendable, CustomStringConvertible {
    package let seed: UInt64
    package let hours: Int
    package let only: [Int]?
    package let policy: FrameWatchdog.Policy
    package let script: [Disturbance]
    package let violation: Violation?
    package let summary: Summary

    /// What replays it.
    package var command: String {
        let all = "framewatch simulate --seed \(seed) --seeds 1 --hours \(hours)"
        guard let only else { return all }
        return "\(all) --only \(only.isEmpty ? "none" : only.map(String.init).joined(separator: ","))"
    }

    /// The script up to the violation, one disturbance a line, then the violation and how to replay it.
    package var description: String {
        guard let violation else { return "seed \(seed): no violation" }
        let past = script.filter { $0.time <= violation.time }.map(\.description)
        return (past + [violation.description, command]).joined(separator: "\n")
    }
}

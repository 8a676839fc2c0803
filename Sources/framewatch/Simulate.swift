// SPDX-License-Identifier: Apache-2.0

import Glibc
import Simulation

/// How many failing seeds' scripts are shortened and shown.
private let mostShown = 3

/// `framewatch simulate`: as many seeds at a time as there are jobs, with the same figures for any number of them.
func simulate(_ options: SimulationOptions) async -> CInt {
    let jobs = options.jobs ?? Int(sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    var summary = Summary()
    var failures: [Outcome] = []
    await withTaskGroup(of: Outcome.self) { group in
        var seeds = (0..<options.seeds).lazy.map { options.firstSeed &+ UInt64($0) }.makeIterator()
        func startNext() {
            guard let seed = seeds.next() else { return }
            group.addTask { Simulation.run(seed: seed, hours: options.hours, only: options.only) }
        }
        for _ in 0..<jobs { startNext() }
        for await outcome in group {
            summary.merge(outcome.summary)
            if outcome.violation != nil { failures.append(outcome) }
            startNext()
        }
    }
    for failure in failures.sorted(by: { $0.seed < $1.seed }).prefix(mostShown) {
        print("seed \(failure.seed), the shortest script that still fails:\n\(Simulation.shrink(failure))\n")
    }
    print(summary)
    return failures.isEmpty ? EX_OK : 1
}

// SPDX-License-Identifier: Apache-2.0

extension Simulation {
    /// Leaves out disturbances as long as the same property is violated, and returns the shortest script found within
    /// `runs` runs.
    package static func shrink(_ outcome: Outcome, runs: Int = 200) -> Outcome {
        var search = ShrinkingSearch(best: outcome, runsLeft: runs)
        search.tryTails()
        search.tryGaps()
        return search.best
    }
}

private struct ShrinkingSearch {
    var best: Outcome
    var runsLeft: Int

    /// What came last mattered most often: the last disturbance alone, the last 2, the last 4, ...
    mutating func tryTails() {
        let all = kept
        var length = 1
        while length < all.count && !improve(to: Array(all.suffix(length))) { length *= 2 }
    }

    /// Then runs of disturbances, halves first, single ones last, until no single one can be spared.
    mutating func tryGaps() {
        var width = max(1, kept.count / 2)
        while runsLeft > 0 {
            var wasImproved = false
            var start = 0
            while start < kept.count {
                let rest = kept[..<start] + kept.dropFirst(start + width)
                if improve(to: Array(rest)) { wasImproved = true } else { start += width }
            }
            if width == 1 && !wasImproved { return }
            width = max(1, width / 2)
        }
    }

    /// Those that had struck when the property was violated.
    private var kept: [Int] {
        guard let violation = best.violation else { return [] }
        return best.script.filter { $0.time <= violation.time }.map(\.index)
    }

    private mutating func improve(to only: [Int]) -> Bool {
        guard runsLeft > 0 else { return false }
        runsLeft -= 1
        let outcome = Simulation.run(seed: best.seed, hours: best.hours, only: only, policy: best.policy)
        guard let violation = outcome.violation, violation.property == best.violation?.property else { return false }
        best = outcome
        return true
    }
}

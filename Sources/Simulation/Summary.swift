// SPDX-License-Identifier: Apache-2.0

import Timing

/// The results of one seed or, merged in any order, of many.
package struct Summary: Equatable, Sendable, CustomStringConvertible {
    package internal(set) var seeds = 0
    package internal(set) var time = Duration.zero
    package internal(set) var frames = 0
    /// How often a stream was given up: declared dead, failed, never connected, or never offered.
    var episodes = 0
    package internal(set) var requests = 0
    var violations = 0
    /// The longest silence before a death that no sleep of the machine lengthened.
    private(set) var worstDetection = Duration.zero
    private(set) var worstRecovery = Duration.zero
    /// How many recoveries took each number of tenths of a second.
    private var recoveries: [Int64: Int] = [:]

    package init() {}

    var medianRecovery: Duration {
        let middle = (recoveries.values.reduce(0, +) + 1) / 2
        var passed = 0
        for (tenths, count) in recoveries.sorted(by: { $0.key < $1.key }) {
            passed += count
            if passed >= middle { return .milliseconds(tenths * 100) }
        }
        return .zero
    }

    package mutating func merge(_ other: Summary) {
        seeds += other.seeds
        time += other.time
        frames += other.frames
        episodes += other.episodes
        requests += other.requests
        violations += other.violations
        worstDetection = max(worstDetection, other.worstDetection)
        worstRecovery = max(worstRecovery, other.worstRecovery)
        recoveries.merge(other.recoveries, uniquingKeysWith: +)
    }

    mutating func recordDetection(_ silence: Duration) { worstDetection = max(worstDetection, silence) }

    mutating func recordRecovery(_ length: Duration) {
        worstRecovery = max(worstRecovery, length)
        recoveries[
            length.components.seconds * 10 + length.components.attoseconds / 100_000_000_000_000_000, default: 0] += 1
    }

    package var description: String {
        """
        seeds       \(grouped(seeds)) (\(grouped(Int(time.wholeSeconds + 1800) / 3600)) virtual hours)
        frames      \(grouped(frames))
        episodes    \(grouped(episodes)) (a stream died, failed, or never came)
        detection   \(worstDetection.text) after the last new frame at worst
        recovery    \(medianRecovery.text) in the median, \(worstRecovery.text) at worst,
                    from the last new frame, or from when phone and network were well again if that was later
        requests    \(grouped(requests))
        violations  \(grouped(violations))
        """
    }
}

/// `1,234,567`.
private func grouped(_ number: Int) -> String {
    let digits = String(number)
    var text = ""
    for (place, digit) in digits.enumerated() {
        if place > 0 && (digits.count - place) % 3 == 0 { text.append(",") }
        text.append(digit)
    }
    return text
}

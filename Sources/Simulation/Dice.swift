// SPDX-License-Identifier: Apache-2.0

/// Random numbers that are the same on every machine (SplitMix64, whole numbers only).
struct Dice: Sendable {
    /// Who rolls. Each has its own dice, so that one more roll here changes nothing there.
    enum Owner: UInt64 {
        case script = 1
        case frames, phone, network, receiver
    }

    private var state: UInt64

    /// `chapter` counts the disturbances so far: after each, the dice fall the same whatever was rolled before.
    init(seed: UInt64, owner: Owner, chapter: Int = 0) {
        state = seed
        state = roll() ^ owner.rawValue
        state = roll() ^ UInt64(truncatingIfNeeded: chapter)
    }

    mutating func roll() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// One of 0..<`bound`.
    mutating func below(_ bound: Int) -> Int { Int(roll().multipliedFullWidth(by: UInt64(bound)).high) }

    mutating func chance(_ favourable: Int, in all: Int) -> Bool { below(all) < favourable }

    /// To the microsecond.
    mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration {
        .microseconds(range.lowerBound * 1000 + below((range.upperBound - range.lowerBound) * 1000 + 1))
    }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

    /// The jitter of a retry's wait: -1...1, and now and then either end.
    mutating func jitter() -> Double { Double(below(21) - 10) / 10 }
}

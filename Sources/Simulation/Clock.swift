// SPDX-License-Identifier: Apache-2.0

import Timing

extension Instant {
    static let start = Instant(sinceOrigin: .zero)
    /// Later than anything that is ever planned.
    static let never = Instant(sinceOrigin: .seconds(1 << 40))

    /// `01:02:03.456`.
    var clock: String { sinceOrigin.onClock }
}

extension Duration {
    /// `12.345 s`.
    var text: String { "\(milliseconds / 1000).\(padded(milliseconds % 1000, to: 3)) s" }

    /// `01:02:03.456`.
    var onClock: String {
        let seconds = milliseconds / 1000
        let (hours, minutes) = (padded(seconds / 3600, to: 2), padded(seconds / 60 % 60, to: 2))
        return "\(hours):\(minutes):\(padded(seconds % 60, to: 2)).\(padded(milliseconds % 1000, to: 3))"
    }

    private var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}

private func padded(_ number: Int64, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

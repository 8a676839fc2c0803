// SPDX-License-Identifier: Apache-2.0

/// Lets `perSecond` of something pass, and up to `burst` of it at once.
package struct RateLimit: Equatable, Sendable {
    private let perSecond: Double
    private let burst: Double
    private var allowance: Double
    private var latest: Instant

    package init(perSecond: Int, burst: Int, at now: Instant) {
        self.perSecond = Double(perSecond)
        self.burst = Double(burst)
        allowance = Double(burst)
        latest = now
    }

    /// Counts one more; false when it is one too many.
    package mutating func admit(at now: Instant) -> Bool {
        allowance = allowance(at: now)
        latest = max(latest, now)
        guard allowance >= 1 else { return false }
        allowance -= 1
        return true
    }

    /// Whether it has forgotten all that it counted.
    package func isIdle(at now: Instant) -> Bool { allowance(at: now) >= burst }

    private func allowance(at now: Instant) -> Double {
        min(burst, allowance + perSecond * max(latest.duration(to: now).inSeconds, 0))
    }
}

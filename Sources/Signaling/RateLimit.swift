// SPDX-License-Identifier: Apache-2.0

import Timing

/// Lets `perSecond` of something pass, and up to `burst` of it at once.
struct RateLimit: Equatable, Sendable {
    private let perSecond: Double
    private let burst: Double
    private var allowance: Double
    private var latest: Instant

    init(perSecond: Int, burst: Int, at now: Instant) {
        self.perSecond = Double(perSecond)
        self.burst = Double(burst)
        allowance = Double(burst)
        latest = now
    }

    /// Counts one more; false when it is one too many.
    mutating func admit(at now: Instant) -> Bool {
        refill(at: now)
        guard allowance >= 1 else { return false }
        allowance -= 1
        return true
    }

    /// Whether it is as good as new.
    mutating func isIdle(at now: Instant) -> Bool {
        refill(at: now)
        return allowance >= burst
    }

    private mutating func refill(at now: Instant) {
        guard latest < now else { return }
        allowance = min(burst, allowance + perSecond * latest.duration(to: now).inSeconds)
        latest = now
    }
}

/// How often an address may knock. Remembers a bounded number of addresses, and each only while it matters.
package struct ConnectionLimit: Sendable {
    static let longestMemory = 4_096

    private let perSecond: Int
    private var addresses: [String: RateLimit] = [:]

    package init(perSecond: Int) {
        self.perSecond = perSecond
    }

    /// Counts an attempt of `address`; false when it is one too many.
    package mutating func admit(_ address: String, at now: Instant) -> Bool {
        let address = ConnectionLimit.network(of: address)
        if addresses[address] == nil && addresses.count >= ConnectionLimit.longestMemory {
            addresses = addresses.filter { entry in
                var limit = entry.value
                return !limit.isIdle(at: now)
            }
            // Thousands of addresses within a second: an attack, and no place to remember one more.
            guard addresses.count < ConnectionLimit.longestMemory else { return false }
        }
        return addresses[address, default: RateLimit(perSecond: perSecond, burst: perSecond, at: now)].admit(at: now)
    }

    /// An IPv6 address as its /64 network, all of which one machine may have; any other as it is.
    ///
    /// The text is canonical: at most one `::`, which stands for all the groups that are missing.
    package static func network(of address: String) -> String {
        // An IPv4 address may come in IPv6 clothes.
        guard address.contains(":"), !address.contains(".") else {
            return address.split(separator: ":").last.map(String.init) ?? address
        }
        let halves = address.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        let head = halves[0].split(separator: ":")
        let tail = halves.count == 2 ? halves[1].split(separator: ":") : []
        let missing = repeatElement("0"[...], count: max(0, 8 - head.count - tail.count))
        return (head + missing + tail).prefix(4).joined(separator: ":")
    }
}

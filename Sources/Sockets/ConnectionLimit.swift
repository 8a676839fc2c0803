// SPDX-License-Identifier: Apache-2.0

import Timing

/// How often an address may connect. Remembers a bounded number of addresses, and each only while it matters.
package struct ConnectionLimit: Sendable {
    static let longestMemory = 4_096

    private let perSecond: Int
    private var addresses: [String: RateLimit] = [:]

    package init(perSecond: Int) { self.perSecond = perSecond }

    /// Counts an attempt by `address`; false if it is one too many.
    package mutating func admit(_ address: String, at now: Instant) -> Bool {
        let address = ConnectionLimit.network(of: address)
        if addresses[address] == nil && addresses.count >= ConnectionLimit.longestMemory {
            addresses = addresses.filter { !$0.value.isIdle(at: now) }
            // Thousands of addresses within a second are an attack, and there is no room for one more.
            guard addresses.count < ConnectionLimit.longestMemory else { return false }
        }
        return addresses[address, default: RateLimit(perSecond: perSecond, burst: perSecond, at: now)].admit(at: now)
    }

    /// An IPv6 address as its /64 network, which one machine may have to itself; any other as it is.
    ///
    /// The text is canonical: at most one `::`, which stands for all the groups that are missing.
    package static func network(of address: String) -> String {
        // An IPv4 address may come as `::ffff:1.2.3.4`.
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

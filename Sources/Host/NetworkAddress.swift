// SPDX-License-Identifier: Apache-2.0

import Glibc

/// One of this machine's addresses, and the interface that has it.
package struct NetworkAddress: Equatable, Sendable {
    package let interface: String
    /// Without a port, and an IPv6 one without brackets.
    package let text: String

    package init(_ text: String, of interface: String) {
        self.text = text
        self.interface = interface
    }

    package var isIPv6: Bool { text.contains(":") }

    /// Whether another machine in the network could dial it.
    package var isForOthers: Bool {
        !NetworkAddress.local.contains(where: text.hasPrefix)
            && !NetworkAddress.inward.contains(where: interface.hasPrefix)
    }

    /// Of this host or this link only: a browser can't say which link it means.
    private static let local = ["127.", "::1", "169.254.", "fe8", "fe9", "fea", "feb"]
    /// Bridges and cables to containers and virtual machines.
    private static let inward = ["docker", "br-", "veth", "virbr", "vnet", "lxc", "lxdbr", "cni", "podman", "vboxnet"]
}

extension Host {
    /// Those of all interfaces that are up.
    package static var addresses: [NetworkAddress] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        return sequence(state: first) { next in
            defer { next = next?.pointee.ifa_next }
            return next?.pointee
        }.compactMap(NetworkAddress.init)
    }
}

extension NetworkAddress {
    fileprivate init?(_ entry: ifaddrs) {
        guard entry.ifa_flags & UInt32(IFF_UP) != 0, let address = entry.ifa_addr else { return nil }
        let size: Int
        switch CInt(address.pointee.sa_family) {
        case AF_INET: size = MemoryLayout<sockaddr_in>.size
        case AF_INET6: size = MemoryLayout<sockaddr_in6>.size
        default: return nil
        }
        let text = String(unsafeUninitializedCapacity: Int(NI_MAXHOST)) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                guard let start = text.baseAddress,
                    getnameinfo(address, socklen_t(size), start, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
                else { return 0 }
                return strlen(start)
            }
        }
        self.init(text, of: String(cString: entry.ifa_name))
    }
}

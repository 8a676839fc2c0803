// SPDX-License-Identifier: Apache-2.0

import Text

/// The parts of a URL, as far as a configured one is looked at.
struct Address {
    let scheme: Substring
    /// What stands before the `@`.
    let credentials: Substring?
    let host: Substring
    let port: UInt16?
    /// Path and query, from the first `/`, `?` or `#` on.
    let rest: Substring

    init?(_ text: String) {
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), let separator = text.firstRange(of: "://")
        else { return nil }
        let authority = text[separator.upperBound...].prefix { !"/?#".contains($0) }
        let at = authority.firstIndex(of: "@")
        let place = at.map { authority[$0...].dropFirst() } ?? authority
        let hostEnd =
            place.hasPrefix("[") ? place.firstIndex(of: "]").map(place.index(after:)) : place.firstIndex(of: ":")
        scheme = text[..<separator.lowerBound]
        credentials = at.map { authority[..<$0] }
        host = place[..<(hostEnd ?? place.endIndex)]
        rest = text[authority.endIndex...]
        let afterHost = place[host.endIndex...]
        port = afterHost.dropFirst().wholeNumber()
        guard Address.isHost(host), afterHost.isEmpty || port.map({ $0 > 0 }) ?? false else { return nil }
    }

    private static func isHost(_ text: Substring) -> Bool {
        if text.hasPrefix("[") { return text.hasSuffix("]") && IPLiteral.isIPv6(text.dropFirst().dropLast()) }
        return !text.isEmpty && text.utf8.allSatisfy { $0.isAlphanumeric || ".-_".utf8.contains($0) }
    }
}

extension Form where Value == String {
    static var ipAddress: Form { text("ADDRESS", "an IPv4 or IPv6 address") { IPLiteral.isAddress($0[...]) } }

    static var relayURL: Form {
        url("ws://HOST:PORT or wss://HOST:PORT") {
            ["ws", "wss"].contains($0.scheme) && $0.credentials == nil && !$0.rest.contains("#")
        }
    }

    static var stunURL: Form {
        url("stun://HOST:PORT") {
            $0.scheme == "stun" && $0.credentials == nil && $0.port != nil && $0.rest.isEmpty
        }
    }

    static var turnURL: Form {
        url("turn://USER:PASSWORD@HOST:PORT") {
            let pair = $0.credentials?.split(separator: ":", omittingEmptySubsequences: false) ?? []
            return ["turn", "turns"].contains($0.scheme) && pair.count == 2 && !pair.contains("")
                && $0.port != nil && ["", "?transport=tcp", "?transport=udp"].contains($0.rest)
        }
    }

    static var webOrigin: Form {
        url("https://HOST:PORT or http://HOST:PORT, without a path") {
            ["https", "http"].contains($0.scheme) && $0.credentials == nil && $0.rest.isEmpty
        }
    }

    private static func url(_ allowed: String, where isAllowed: @escaping @Sendable (Address) -> Bool) -> Form {
        text("URL", allowed) { Address($0).map(isAllowed) ?? false }
    }
}

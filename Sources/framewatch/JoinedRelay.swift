// SPDX-License-Identifier: Apache-2.0

import MainLoop
import RelayClient
import Signaling
import Sockets
import Telemetry

/// Another relay, as the configuration names it.
struct JoinedRelay {
    private let isSecure: Bool
    private let authority: String
    /// Without a final slash; it may begin with a token.
    private let path: String
    /// With its `?`; it may hold a token.
    private let query: String

    /// `token` is presented unless the URL has one; our own is for our own relay only.
    init?(_ url: Secret, token: Configuration.Token) {
        guard let address = Address(url.revealSecret()) else { return nil }
        isSecure = address.scheme == "wss"
        authority = address.host + (address.port.map { ":\($0)" } ?? "")
        let path = address.rest.prefix { $0 != "?" }
        self.path = path.hasSuffix("/") ? String(path.dropLast()) : String(path)
        let query = address.rest.dropFirst(path.count)
        if query.isEmpty, TokenPath(self.path).token == nil, case .given(let token) = token {
            self.query = "?token=\(token.revealSecret())"
        } else {
            self.query = String(query)
        }
    }

    func address(of place: RelayAddress) -> WebSocketAddress {
        // For the first generation the URL is the cameras' or viewers' own.
        let role = "/\(place.role.rawValue)"
        let peers = path.hasSuffix(role) ? path : path + role
        let target = place.camera == .default ? peers : "\(peers)/\(place.camera)"
        return WebSocketAddress(isSecure: isSecure, authority: authority, target: target + query)
    }

    /// Without the token.
    var publicURL: String {
        let path = TokenPath(path)
        return "\(isSecure ? "wss" : "ws")://\(authority)\(path.token == nil ? path.rest : "/t/…\(path.rest)")"
    }

    /// A line to it, which logs how it fares.
    @MainLoop
    func line(
        as place: RelayAddress, _ configuration: Configuration, _ journal: Journal,
        _ handler: @escaping @MainLoop (LineEvent) -> Void
    ) -> any RelayLine {
        JoinedLine(
            to: address(of: place), shownAs: publicURL, configuration.transport,
            jsonDepth: configuration.limits.jsonDepth,
            report: { journal.report(.service($0), camera: place.camera) }, handler)
    }
}

// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Sockets
import Telemetry

/// Another relay, as the configuration names it.
struct JoinedRelay {
    private let isSecure: Bool
    private let authority: String
    /// Without a slash at its end; it may begin with a token.
    private let path: String
    /// With its `?`; it may hold a token.
    private let query: String

    /// `token` is presented unless the URL says another; one of our own making is for our own relay.
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
        // The first generation is given the cameras' or viewers' address itself.
        let role = "/\(place.role.rawValue)"
        let peers = path.hasSuffix(role) ? path : path + role
        let target = place.camera == .default ? peers : "\(peers)/\(place.camera)"
        return WebSocketAddress(isSecure: isSecure, authority: authority, target: target + query)
    }

    /// Without what only the relay is to see.
    var publicURL: String {
        let path = TokenPath(path)
        return "\(isSecure ? "wss" : "ws")://\(authority)\(path.token == nil ? path.rest : "/t/…\(path.rest)")"
    }
}

/// The line to another relay, which says in the log how it fares.
@MainLoop
final class JoinedLine: RelayLine {
    private var link: RelayLink?

    init(
        to relay: JoinedRelay, as place: RelayAddress, _ limits: Limits, _ journal: Journal,
        _ handler: @escaping @MainLoop (LineEvent) -> Void
    ) {
        let report = { journal.report(.service($0), camera: place.camera.description) }
        link = RelayLink(to: relay.address(of: place), limits: limits) {
            switch $0 {
            case .up:
                report(.relayJoined(url: relay.publicURL))
                handler(.up)
            case .received(let text): handler(LineEvent(text, jsonDepth: limits.jsonDepth))
            case .binary: handler(.picture)
            case .down:
                report(.relayLost(url: relay.publicURL))
                handler(.down)
            case .waiting(let wait, let why): report(.relayAwaited(url: relay.publicURL, in: wait, why: why))
            }
        }
        link?.start()
    }

    func send(_ message: SignalingMessage) { link?.send(message.json.text) }

    func stop() {
        link?.stop()
        link = nil
    }
}

extension LineEvent {
    fileprivate init(_ text: String, jsonDepth: Int) {
        do throws(SignalingMessage.Refusal) {
            self = .received(try SignalingMessage(parsing: text, maxDepth: jsonDepth))
        } catch {
            self = .ignored(error)
        }
    }
}

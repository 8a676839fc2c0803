// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Receiver
import Relay
import Signaling
import Sockets
import Telemetry
import Timing

/// The line to the relay in this very process.
@MainLoop
final class EmbeddedLine: RelayLine {
    private let relay: Relay
    private let camera: CameraName
    private let handler: @MainLoop (LineEvent) -> Void
    private var viewer: LocalViewer?
    private var deadline: Deadline?

    init(to relay: Relay, for camera: CameraName, _ handler: @escaping @MainLoop (LineEvent) -> Void) {
        self.relay = relay
        self.camera = camera
        self.handler = handler
        deadline = Deadline { [weak self] in self?.join() }
        join()
    }

    func send(_ text: String) { viewer?.send(text) }

    func stop() {
        deadline = nil
        viewer?.leave()
        viewer = nil
    }

    /// At once: a camera that has just come is about to offer.
    private func join() {
        MainLoop.post { [handler] in handler(.up) }
        viewer = relay.attach(viewerOf: camera) { [weak self] in
            switch $0 {
            case .received(let text): self?.handler(.received(text))
            case .dismissed: self?.dismissed()
            }
        }
    }

    /// Somebody took our place, or the relay is full.
    private func dismissed() {
        viewer = nil
        handler(.down)
        deadline?.arm(at: MainLoop.now + .seconds(1))
    }
}

extension RelayLink: RelayLine {}

extension RelayLink {
    /// The line to another relay, which says in the log how it fares.
    static func line(
        to relay: JoinedRelay, as place: RelayAddress, journal: Journal,
        _ handler: @escaping @MainLoop (LineEvent) -> Void
    ) -> RelayLink {
        let report = { journal.report(.service($0), camera: place.camera.description) }
        let link = RelayLink(to: relay.address(of: place)) {
            switch $0 {
            case .up:
                report(.relayJoined(url: relay.publicURL))
                handler(.up)
            case .received(let text): handler(.received(text))
            case .down:
                report(.relayLost(url: relay.publicURL))
                handler(.down)
            case .waiting(let wait, let why): report(.relayAwaited(url: relay.publicURL, in: wait, why: why))
            }
        }
        link.start()
        return link
    }
}

/// Another relay, as the configuration names it.
struct JoinedRelay {
    private let isSecure: Bool
    private let authority: String
    /// Without a slash at its end.
    private let path: String
    /// With its `?`; it may hold a token.
    private let query: String

    /// `token` is presented unless the URL says another.
    init?(_ url: Secret, token: Configuration.Token) {
        guard let address = Address(url.revealSecret()) else { return nil }
        isSecure = address.scheme == "wss"
        authority = address.host + (address.port.map { ":\($0)" } ?? "")
        let path = address.rest.prefix { $0 != "?" }
        self.path = path.hasSuffix("/") ? String(path.dropLast()) : String(path)
        let query = address.rest.dropFirst(path.count)
        if query.isEmpty, case .given(let token) = token {
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
    var publicURL: String { "\(isSecure ? "wss" : "ws")://\(authority)\(path)" }
}

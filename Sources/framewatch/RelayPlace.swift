// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Sockets
import Telemetry

/// Where a camera finds its relay, and what it shows there.
struct RelayPlace {
    let address: WebSocketAddress

    init(_ options: CameraOptions) throws(Complaint) {
        let configuration = options.configuration
        let foreign = (options.relay ?? configuration.relay)?.revealSecret()
        guard let relay = Address(foreign ?? configuration.ownRelay) else { throw Complaint("relay has a wrong value") }
        let isOurs = foreign == nil || relay.isThisMachine
        // What opens ours is nobody else's business, unless the configuration speaks of both.
        let known = isOurs || options.relay == nil ? configuration.token : .open
        let token: Secret? =
            switch options.token ?? known {
            case .open: nil
            case .given(let token): token
            case .own: isOurs ? try StateDirectory(path: configuration.stateDirectory).token() : nil
            }
        address = WebSocketAddress(relay, as: RelayAddress(.camera, of: options.name), token: token)
    }
}

extension Configuration {
    /// The relay that `framewatch run` embeds with this configuration.
    fileprivate var ownRelay: String {
        let host =
            switch bind {
            case "0.0.0.0": "127.0.0.1"
            case "::": "[::1]"
            default: bind.contains(":") ? "[\(bind)]" : bind
            }
        return "ws://\(host):\(ports.webSocket)"
    }
}

extension Address {
    fileprivate var isThisMachine: Bool {
        host == "localhost" || host == "[::1]" || Address.isIPv4(host) && host.hasPrefix("127.")
    }
}

extension WebSocketAddress {
    /// A socket at a relay; a relay's URL may say by its path already what the socket is to be.
    init(_ relay: Address, as role: RelayAddress, token: Secret?) {
        var path = String(relay.rest.prefix { $0 != "?" })
        let query = relay.rest.dropFirst(path.count + 1)
        if RelayAddress(path: path) == nil {
            path = (path.hasSuffix("/") ? String(path.dropLast()) : path) + role.path
        }
        let words = (query.isEmpty ? [] : [String(query)]) + (token.map { ["token=\($0.revealSecret())"] } ?? [])
        self.init(
            isSecure: relay.scheme == "wss", authority: relay.host + (relay.port.map { ":\($0)" } ?? ""),
            target: path + (words.isEmpty ? "" : "?" + words.joined(separator: "&")))
    }

    /// Without the query, which may hold a token.
    var url: String { "\(isSecure ? "wss" : "ws")://\(authority)\(target.prefix { $0 != "?" })" }
}

extension RelayAddress {
    fileprivate var path: String { "/\(role.rawValue)" + (camera == .default ? "" : "/\(camera)") }
}

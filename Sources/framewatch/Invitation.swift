// SPDX-License-Identifier: Apache-2.0

import Host
import Sockets
import Telemetry

/// Where a phone finds the page that makes it a camera.
struct Invitation {
    /// Without the token.
    let urls: [String]
    let token: Secret?

    /// `port` is the one with TLS.
    init(bind: String, port: UInt16, token: Secret?, addresses: [NetworkAddress] = Host.addresses) {
        let wildcards = ["0.0.0.0", "::"]
        let reachable = addresses.filter { $0.isForOthers && (!$0.isIPv6 || bind == "::") }.map(\.text)
        let hosts = !wildcards.contains(bind) ? [bind] : reachable.isEmpty ? [Host.name] : reachable
        urls = hosts.map { "https://\($0.contains(":") ? "[\($0)]" : $0):\(port)/camera" }
        self.token = token
    }

    /// For whoever looks at the screen: every address with the token, as text and as a QR code.
    var lines: [String] {
        let query = token.map { "?token=\($0.revealSecret())" } ?? ""
        return urls.flatMap { url in
            let code = QRCode(url + query)?.lines ?? []
            return ["", "To make a phone a camera, scan this or open", url + query, ""] + code + [""]
        }
    }
}

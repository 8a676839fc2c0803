// SPDX-License-Identifier: Apache-2.0

import Sockets

extension Pages {
    /// Makes a browser a camera: one file, and nothing from elsewhere.
    var cameraPage: HTTPResponse {
        let nonce = String(UInt128.random(in: 0 ... .max), radix: 36)
        let page =
            cameraTemplate
            .replacing("{{nonce}}", with: nonce)
            .replacing("{{https-port}}", with: "\(httpsPort)")
        var response = HTTPResponse(status: 200, type: "text/html; charset=utf-8", body: Array(page.utf8))
        response.headers.merge(protection(nonce: nonce)) { $1 }
        return response
    }

    private func protection(nonce: String) -> [String: String] {
        let policy = [
            "default-src 'none'", "script-src 'nonce-\(nonce)'", "style-src 'nonce-\(nonce)'", "img-src data:",
            // Safari before 15.4 takes 'self' for no WebSocket.
            "connect-src 'self' ws: wss:",
            "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        ]
        return [
            "Content-Security-Policy": policy.joined(separator: "; "),
            "X-Content-Type-Options": "nosniff",
            // The page's address holds the token.
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        ]
    }
}

private let cameraTemplate = String(decoding: PackageResources.camera_html, as: UTF8.self)

// SPDX-License-Identifier: Apache-2.0

import Signaling
import Sockets
import Telemetry
import Text

/// Decides who may come in, and where: a value, so that it can be read and tested as a table.
///
/// 1. Whoever lacks the token learns nothing, not even which paths there are: 401. The token may precede the path.
/// 2. A web page may connect if we served it or the configuration allows it: 403. Other programs send no origin.
/// 3. Then path and method must fit: 404, 405. To others, a path for WebSockets alone does not exist.
/// 4. A route may ask for less, but only for requests that are exactly for it.
struct Gate: Sendable {
    enum Verdict: Equatable {
        /// The route's index, and the camera that its path names.
        case enter(Int, CameraName)
        case refuse(Refusal)
        /// 405, with the methods that the path takes.
        case wrongMethod(allowed: String)
        /// What may be asked here, for who asks that.
        case options(allowed: String)
    }

    static let cookie = "framewatch_token"

    /// `nil` lets everybody in.
    let token: Secret?
    let allowedOrigins: Set<String>
    /// Our own ports: pages on one may connect to another.
    var ports: Set<UInt16> = []

    /// A page's origin. Browsers leave it out when a page asks its own server; ours then names it in a header of its own.
    static func origin(of request: HTTPRequest) -> String? {
        request.headers["origin"] ?? request.headers["x-page-origin"]
    }

    func verdict(on request: HTTPRequest, among routes: [Route]) -> Verdict {
        let path = TokenPath(request.path)
        let (here, camera) = Places(routes).at(path.rest)
        let plain = here.filter { routes[$0].method != .webSocket }
        let socket = here.first { routes[$0].method == .webSocket && routes[$0].takes(request) }
        let route = socket ?? plain.first { routes[$0].takes(request) }
        let access = route.map { routes[$0].access } ?? .tokenAndOrigin
        guard access == .anybody || hasToken(request, or: path.token) else { return .refuse(.token) }
        guard access != .tokenAndOrigin || mayConnect(request) else { return .refuse(.origin) }
        if let route { return .enter(route, camera) }
        // Those that anybody may use tell nobody of themselves.
        let allowed = plain.filter { routes[$0].access != .anybody }.map { routes[$0].method.rawValue }
        guard !allowed.isEmpty else { return .refuse(.path) }
        let list = allowed.joined(separator: ", ")
        return request.method == "OPTIONS" ? .options(allowed: list) : .wrongMethod(allowed: list)
    }

    // MARK: - The token

    private func hasToken(_ request: HTTPRequest, or inPath: String?) -> Bool {
        guard let token else { return true }
        return [request.query["token"], inPath, bearer(request), cookie(request)]
            .contains { $0.map(token.matches) ?? false }
    }

    private func bearer(_ request: HTTPRequest) -> String? {
        guard let header = request.headers["authorization"], header.lowercased().hasPrefix("bearer ") else {
            return nil
        }
        return String(header.dropFirst("bearer ".count))
    }

    private func cookie(_ request: HTTPRequest) -> String? {
        let pairs = request.headers["cookie"]?.split(separator: ";") ?? []
        let mine = pairs.compactMap { pair -> Substring? in
            let halves = pair.split(separator: "=", maxSplits: 1)
            return halves.count == 2 && halves[0].drop { $0 == " " } == Gate.cookie ? halves[1] : nil
        }
        return mine.first.map(String.init)
    }

    // MARK: - The origin

    private func mayConnect(_ request: HTTPRequest) -> Bool {
        guard let origin = Gate.origin(of: request)?.lowercased() else { return true }
        if allowedOrigins.contains(origin) { return true }
        let halves = origin.split(separator: "/", omittingEmptySubsequences: true)
        guard halves.count == 2, halves[0] == "http:" || halves[0] == "https:",
            let theirs = Authority(halves[1], secure: halves[0] == "https:"),
            let ours = request.headers["host"].flatMap({
                Authority($0.lowercased()[...], secure: halves[0] == "https:")
            })
        else { return false }
        return theirs.host == ours.host && (theirs.port == ours.port || ports.contains(theirs.port))
    }

    /// `HOST:PORT`, with the scheme's port where none is given.
    private struct Authority {
        let host: Substring
        let port: UInt16

        init?(_ text: Substring, secure: Bool) {
            guard let colon = text.lastIndex(of: ":"), text[colon...].last != "]" else {
                (host, port) = (text, secure ? 443 : 80)
                return
            }
            guard let port = UInt16(text[text.index(after: colon)...]) else { return nil }
            (host, self.port) = (text[..<colon], port)
        }
    }
}

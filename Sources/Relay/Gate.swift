// SPDX-License-Identifier: Apache-2.0

import Signaling
import Sockets
import Telemetry

/// Decides who may come in, and where to: a value, so that it can be read and tested as a table.
///
/// 1. Whoever lacks the token learns nothing, not even which paths there are: 401. It may stand before the path.
/// 2. A browser's page may connect if we served it or the configuration allows it: 403. Programs that are no browsers
///    send no origin.
/// 3. Then the path counts, and the method: 404, 405. A peer's address is that of a page as well, for who asks it for
///    no WebSocket.
/// 4. An upload is left without an answer, before all that: to the phone's app any answer is a success, after which it
///    deletes its recording.
struct Gate {
    enum Verdict: Equatable {
        case peer(RelayAddress)
        case page(RelayAddress)
        case status
        case metrics
        case control(Command, CameraName?)
        case refuse(Int, Refusal)
        /// 405, with the methods that the path takes.
        case wrongMethod(allowed: String)
    }

    enum Refusal: String, CaseIterable {
        case token = "wrong_token"
        case origin = "foreign_origin"
        case path = "unknown_path"
        case method = "wrong_method"
        case full = "too_many_connections"

        /// What whoever was refused can do about it.
        var advice: String {
            switch self {
            case .token:
                "a token is needed: ?token=..., /t/TOKEN before the path, the cookie framewatch_token, "
                    + "or Authorization: Bearer"
            case .origin: "this page may not connect: add its origin to allowed-origins"
            case .path: "nothing here: cameras connect to /camera or /camera/NAME, viewers to /viewer or /viewer/NAME"
            case .method: "this path wants another method"
            case .full: "too many connections: try again later"
            }
        }
    }

    static let cookie = "framewatch_token"

    /// `nil` lets everybody in.
    let token: Secret?
    let allowedOrigins: Set<String>
    /// Those we listen on: pages on one may connect to another.
    var ports: Set<UInt16> = []

    static func isUpload(_ request: HTTPRequest) -> Bool {
        request.method == "POST" && request.path.hasSuffix("/upload")
    }

    /// A page's; browsers leave it out where a page asks its own server, and then ours says it in a header of its own.
    static func origin(of request: HTTPRequest) -> String? {
        request.headers["origin"] ?? request.headers["x-page-origin"]
    }

    func verdict(on request: HTTPRequest) -> Verdict {
        let path = TokenPath(request.path)
        var request = request
        request.path = path.rest
        guard hasToken(request, or: path.token) else { return .refuse(401, .token) }
        guard mayConnect(request) else { return .refuse(403, .origin) }
        switch request.path {
        case "/status": return reading(.status, by: request)
        case "/metrics": return reading(.metrics, by: request)
        case let path where path.hasPrefix("/control/"): return control(request)
        default: return peer(request)
        }
    }

    private func reading(_ what: Verdict, by request: HTTPRequest) -> Verdict {
        ["GET", "HEAD"].contains(request.method) ? what : .wrongMethod(allowed: "GET, HEAD")
    }

    private func peer(_ request: HTTPRequest) -> Verdict {
        guard let address = RelayAddress(path: request.path) else { return .refuse(404, .path) }
        return request.wantsWebSocket ? .peer(address) : reading(.page(address), by: request)
    }

    private func control(_ request: HTTPRequest) -> Verdict {
        let commands: [String: Command] = ["start": .start, "stop": .stop, "reconnect": .reconnect]
        guard let command = commands[String(request.path.dropFirst("/control/".count))] else {
            return .refuse(404, .path)
        }
        guard request.method == "POST" else { return .wrongMethod(allowed: "POST") }
        guard let name = request.query["camera"] else { return .control(command, nil) }
        return CameraName(name).map { .control(command, $0) } ?? .refuse(404, .path)
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

    /// `HOST:PORT`, with the scheme's port where there is none.
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

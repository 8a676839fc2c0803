// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Sockets
import Text

/// An address and its answer. Each module registers its own.
package struct Route: Sendable {
    package enum Path: Equatable, Sendable {
        case exactly(String)
        /// `/WORD` or `/WORD/NAME`, where the first such word of the path may have others before it: the first
        /// generation only looked for `/camera` in the URL.
        case named(String)
        case ending(String)
    }

    package enum Method: String, Sendable {
        /// And HEAD.
        case get = "GET, HEAD"
        case post = "POST"
        /// If a path has none, a request for one is a plain GET.
        case webSocket = "GET"
    }

    package enum Access: Sendable {
        case anybody
        /// Whoever has the token, whatever the origin.
        case token
        /// Whoever has the token, but no foreign page that the configuration does not allow.
        case tokenAndOrigin
    }

    /// With the path as it is without a token, and the camera that it names.
    package typealias Handler = @MainLoop (HTTPRequest, CameraName) -> Answer

    let method: Method
    let path: Path
    let access: Access
    let bodyLimit: Int
    let handler: Handler

    package init(
        _ method: Method, _ path: Path, for access: Access = .tokenAndOrigin, bodyLimit: Int = 0,
        _ handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.bodyLimit = bodyLimit
        self.handler = handler
    }

    func takes(_ request: HTTPRequest) -> Bool {
        switch method {
        case .get: request.method == "GET" || request.method == "HEAD"
        case .post: request.method == "POST"
        case .webSocket: request.method == "GET" && request.wantsWebSocket
        }
    }
}

/// What a request that was let in gets.
package enum Answer: Sendable {
    case response(HTTPResponse)
    /// Later or in pieces, by whoever takes the exchange.
    case later(@MainLoop (Exchange) -> Void)
    case webSocket(@MainLoop (WebSocket) -> Void)
    case refuse(Refusal)
    /// Nothing: the connection ends.
    case drop
}

/// Why a request was not served.
package enum Refusal: String, CaseIterable, Sendable {
    case token = "wrong_token"
    case origin = "foreign_origin"
    case path = "unknown_path"
    case method = "wrong_method"
    case body = "body_too_large"
    case full = "too_many_connections"

    var status: Int {
        switch self {
        case .token: 401
        case .origin: 403
        case .path: 404
        case .method: 405
        case .body: 413
        case .full: 503
        }
    }

    /// What can be done about it.
    var advice: String {
        switch self {
        case .token:
            "a token is needed: ?token=..., /t/TOKEN before the path, the cookie framewatch_token, "
                + "or Authorization: Bearer"
        case .origin: "this page may not connect: add its origin to allowed-origins"
        case .path: "nothing here: cameras connect to /camera or /camera/NAME, viewers to /viewer or /viewer/NAME"
        case .method: "this path wants another method"
        case .body: "this path takes no body, or a smaller one"
        case .full: "too many connections: try again later"
        }
    }
}

/// The routes at a path.
struct Places {
    private let routes: [Route]
    private let words: Set<String>

    init(_ routes: [Route]) {
        self.routes = routes
        words = Set(routes.compactMap { if case .named(let word) = $0.path { word } else { nil } })
    }

    /// Their indices, and the camera that the path names.
    func at(_ path: String) -> (routes: [Int], camera: CameraName) {
        let (word, camera) = naming(path)
        let here = routes.indices.filter {
            switch routes[$0].path {
            case .exactly(let own): own == path
            case .named(let own): camera != nil && own == word
            case .ending(let end): path.hasSuffix(end)
            }
        }
        return (here, camera ?? .default)
    }

    private func naming(_ path: String) -> (word: String?, camera: CameraName?) {
        let parts = path.split(separator: "/").map(String.init)
        guard path.hasPrefix("/"), let index = parts.firstIndex(where: words.contains) else { return (nil, nil) }
        switch parts.count - index {
        case 1: return (parts[index], .default)
        case 2: return (parts[index], CameraName(parts[index + 1]))
        default: return (parts[index], nil)
        }
    }
}

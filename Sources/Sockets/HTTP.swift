// SPDX-License-Identifier: Apache-2.0

/// A client's request, by HTTP or for a WebSocket.
package struct HTTPRequest: Equatable, Sendable {
    package var method: String
    /// Decoded, and without the query.
    package var path: String
    package var query: [String: String] = [:]
    /// By lower-case name; one that came twice is joined by commas, cookies by semicolons.
    package var headers: [String: String] = [:]

    package init(method: String, path: String) {
        self.method = method
        self.path = path
    }

    package var wantsWebSocket: Bool { headers["upgrade"]?.lowercased() == "websocket" }

    /// How a request says where its body ends. Two ways at once, or an unclear one, may be two requests to a proxy before
    /// us.
    package enum Framing: Equatable, Sendable {
        case none, chunks, ambiguous
        case length(Int)
    }

    package var framing: Framing {
        switch (headers["content-length"], headers["transfer-encoding"]?.lowercased()) {
        case (nil, nil): .none
        case (nil, "chunked"): .chunks
        case (let length?, nil):
            !length.isEmpty && length.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
                ? Int(length).map { $0 == 0 ? .none : .length($0) } ?? .ambiguous : .ambiguous
        case (_, _?): .ambiguous
        }
    }
}

package struct HTTPResponse: Equatable, Sendable {
    package var status: Int
    package var headers: [String: String]
    package var body: [UInt8]

    package init(status: Int, headers: [String: String] = [:], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package init(status: Int, type: String, body: [UInt8]) {
        self.init(status: status, headers: ["Content-Type": type], body: body)
    }

    /// One line of JSON.
    package static func json(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(status: status, type: "application/json", body: Array("\(text)\n".utf8))
    }
}

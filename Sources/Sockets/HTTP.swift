// SPDX-License-Identifier: Apache-2.0

/// What a client asks for, by HTTP or on its way to a WebSocket.
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
}

package struct HTTPResponse: Equatable, Sendable {
    package var status: Int
    package var headers: [String: String] = [:]
    package var body: [UInt8]

    package init(status: Int, type: String, body: [UInt8]) {
        self.status = status
        self.body = body
        headers["Content-Type"] = type
    }

    /// One line of JSON.
    package static func json(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(status: status, type: "application/json", body: Array("\(text)\n".utf8))
    }
}

// SPDX-License-Identifier: Apache-2.0

import CGLib
import CSoup
import MainLoop

/// A request as libsoup holds it, to be answered or turned into a WebSocket.
@MainLoop
struct RequestMessage {
    private let message: GObjectRef<OpaquePointer>

    init(retaining message: OpaquePointer) {
        self.message = GObjectRef(retaining: message)
    }

    var request: HTTPRequest {
        let uri = soup_server_message_get_uri(message.pointer)
        var request = HTTPRequest(
            method: String(cString: soup_server_message_get_method(message.pointer)),
            path: String(cString: g_uri_get_path(uri)))
        request.query = dictionary(ofQuery: g_uri_get_query(uri))
        request.headers = dictionary(ofHeaders: soup_server_message_get_request_headers(message.pointer))
        return request
    }

    /// The socket address that the request came from.
    var remote: UnsafeMutablePointer<GSocketAddress>? { soup_server_message_get_remote_address(message.pointer) }

    func respond(_ response: HTTPResponse) {
        soup_server_message_set_status(message.pointer, guint(response.status), nil)
        let headers = soup_server_message_get_response_headers(message.pointer)
        for (name, value) in response.headers { soup_message_headers_replace(headers, name, value) }
        soup_message_headers_replace(headers, "Connection", "close")
        let body = soup_server_message_get_response_body(message.pointer)
        response.body.withUnsafeBytes {
            soup_message_body_append(body, SOUP_MEMORY_COPY, $0.baseAddress, gsize($0.count))
        }
    }

    /// Answers that the protocol is switched, and calls `use` with the stream when that has gone out; `nil` where the
    /// request was no proper one, which is then answered by libsoup. Lives no longer than what it returns.
    func upgrade(
        _ use: @escaping @MainLoop (GObjectRef<UnsafeMutablePointer<GIOStream>>) -> Void
    ) -> SignalConnection? {
        guard soup_websocket_server_process_handshake(message.pointer, nil, nil, nil, nil) != 0 else { return nil }
        return SignalConnection(message, "wrote-informational") { emission in
            let stream = soup_server_message_steal_connection(emission.object.pointer)
            guard let stream else { return }
            use(GObjectRef(adopting: stream))
        }
    }
}

/// A query that is malformed anywhere says nothing.
private func dictionary(ofQuery query: UnsafePointer<CChar>?) -> [String: String] {
    var result: [String: String] = [:]
    guard let query, let table = g_uri_parse_params(query, -1, "&", G_URI_PARAMS_WWW_FORM, nil) else { return [:] }
    defer { g_hash_table_unref(table) }
    var iterator = GHashTableIter()
    g_hash_table_iter_init(&iterator, table)
    var key: UnsafeMutableRawPointer?
    var value: UnsafeMutableRawPointer?
    while g_hash_table_iter_next(&iterator, &key, &value) != 0 {
        guard let key, let value else { continue }
        result[String(cString: key.assumingMemoryBound(to: CChar.self))] =
            String(cString: value.assumingMemoryBound(to: CChar.self))
    }
    return result
}

private func dictionary(ofHeaders headers: OpaquePointer?) -> [String: String] {
    var result: [String: String] = [:]
    withUnsafeMutablePointer(to: &result) { result in
        soup_message_headers_foreach(
            headers,
            { name, value, result in
                guard let name, let value, let result else { return }
                let known = result.assumingMemoryBound(to: [String: String].self)
                let (key, text) = (String(cString: name).lowercased(), String(cString: value))
                known.pointee[key] = known.pointee[key].map { $0 + (key == "cookie" ? "; " : ", ") + text } ?? text
            }, result)
    }
    return result
}

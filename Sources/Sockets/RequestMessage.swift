// SPDX-License-Identifier: Apache-2.0

import CGLib
import CSoup
import MainLoop

/// libsoup's side of a request and its answer.
@MainLoop
struct RequestMessage {
    private let message: GObjectRef<OpaquePointer>

    init(retaining message: OpaquePointer) { self.message = GObjectRef(retaining: message) }

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

    func on(_ signal: String, _ handler: @escaping @MainLoop (borrowing Emission) -> Void) -> SignalConnection {
        SignalConnection(message, signal, handler)
    }

    /// Passes on what comes of the body, and keeps none of it.
    func onPiece(_ handler: @escaping @MainLoop ([UInt8]) -> Void) -> SignalConnection {
        on("got-chunk") { emission in
            var size: gsize = 0
            let piece = emission.pointer(0).flatMap { g_bytes_get_data(OpaquePointer($0), &size) }
            handler(piece.map { Array(UnsafeRawBufferPointer(start: $0, count: Int(size))) } ?? [])
        }
    }

    func pause() { soup_server_message_pause(message.pointer) }

    func unpause() { soup_server_message_unpause(message.pointer) }

    func respond(_ response: HTTPResponse) {
        begin(response)
        append(response.body)
    }

    /// Sends the head and leaves the body to `append`; without a length it goes out in chunks.
    func begin(_ head: HTTPResponse, length: Int? = nil, inPieces: Bool = false) {
        soup_server_message_set_status(message.pointer, guint(head.status), nil)
        let headers = soup_server_message_get_response_headers(message.pointer)
        for (name, value) in head.headers { soup_message_headers_replace(headers, name, value) }
        if let length {
            soup_message_headers_set_content_length(headers, goffset(length))
        } else if inPieces {
            let isOld = soup_server_message_get_http_version(message.pointer) == SOUP_HTTP_1_0
            soup_message_headers_set_encoding(headers, isOld ? SOUP_ENCODING_EOF : SOUP_ENCODING_CHUNKED)
        }
        // Frees what has gone out, and makes libsoup leave ranges to us.
        soup_message_body_set_accumulate(body, 0)
    }

    func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { soup_message_body_append(body, SOUP_MEMORY_COPY, $0.baseAddress, gsize($0.count)) }
    }

    func complete() { soup_message_body_complete(body) }

    private var body: UnsafeMutablePointer<SoupMessageBody>? {
        soup_server_message_get_response_body(message.pointer)
    }

    /// Takes the connection from libsoup, which forgets about it.
    func steal() -> IOStream? {
        soup_server_message_steal_connection(message.pointer).map { GObjectRef(adopting: $0) }
    }

    /// Switches protocols, and calls `use` with the stream once that answer has gone out, if what this returns still
    /// lives; `nil` for an improper request, which libsoup answers.
    func upgrade(_ use: @escaping @MainLoop (IOStream) -> Void) -> SignalConnection? {
        guard soup_websocket_server_process_handshake(message.pointer, nil, nil, nil, nil) != 0 else { return nil }
        return on("wrote-informational") { _ in
            if let stream = steal() { use(stream) }
        }
    }
}

/// A malformed query counts as empty.
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

// SPDX-License-Identifier: Apache-2.0

import CGLib
import MainLoop

/// An attempt to open a WebSocket to a server. It has no limit of time: let it go to give it up.
@MainLoop
package final class Dial {
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package let description: String
        /// Whether nobody answered at all.
        package var isSilence = false
    }

    private let address: WebSocketAddress
    private let limits: TransportLimits
    private let cancellable = GObjectRef(adopting: g_cancellable_new())
    private let key = Dial.randomKey()
    private var answer: [UInt8] = []
    private var stream: ByteStream?
    private var completion: ((Result<WebSocket, Failure>) -> Void)?

    /// Starts at once; `completion` is called once, on the loop.
    package init(
        to address: WebSocketAddress, limits: TransportLimits = TransportLimits(),
        _ completion: @escaping @MainLoop (Result<WebSocket, Failure>) -> Void
    ) {
        self.address = address
        self.limits = limits
        self.completion = completion
        connect()
    }

    isolated deinit {
        g_cancellable_cancel(cancellable.pointer)
        stream?.close()
    }

    private func connect() {
        ByteStream.connect(to: address.authority, secure: address.isSecure, cancellable) { [weak self] in
            self?.connected($0)
        }
    }

    private func connected(_ outcome: Result<ByteStream, GLibError>) {
        do throws(GLibError) {
            let stream = try outcome.get()
            self.stream = stream
            let request = Array(request.utf8)
            guard try stream.write(request[...]) == request.count else { return fail("the socket takes no request") }
            stream.whenReady { [weak self] in self?.readAnswer() }
        } catch {
            finish(.failure(Failure(description: error.message, isSilence: error.isSilence)))
        }
    }

    private var request: String {
        """
        GET \(address.target) HTTP/1.1\r
        Host: \(address.authority)\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: \(key)\r
        \r

        """
    }

    private func readAnswer() {
        do throws(GLibError) {
            guard let bytes = try stream?.read() else { return }
            guard !bytes.isEmpty else { return fail("the server hung up instead of answering") }
            answer += bytes
        } catch {
            return fail(error.message)
        }
        let blankLine = Array("\r\n\r\n".utf8)
        guard let end = answer.firstRange(of: blankLine) else {
            return answer.count > 16 * 1024 ? fail("the server's answer has no end") : ()
        }
        judge(String(decoding: answer[..<end.lowerBound], as: UTF8.self), rest: Array(answer[end.upperBound...]))
    }

    private func judge(_ head: String, rest: [UInt8]) {
        let lines = head.split(separator: "\r\n")
        let status = lines.first.map { $0.split(separator: " ", maxSplits: 2).map(String.init) } ?? []
        guard status.count >= 2, status[1] == "101" else {
            let said = status.dropFirst().joined(separator: " ").prefix(100)
            let advice = said.hasPrefix("401") ? ": it wants another token, by --token or ?token= in its URL" : ""
            return fail("the server answered \(said)\(advice)")
        }
        let accept = lines.compactMap { line -> String? in
            let field = line.split(separator: ":", maxSplits: 1).map { $0.trimmingBlanks }
            return field.count == 2 && field[0].lowercased() == "sec-websocket-accept" ? field[1] : nil
        }
        guard accept == [Dial.acceptance(of: key)], let stream else { return fail("the server speaks no WebSocket") }
        succeed(WebSocket(stream, as: .client, limits: limits, alreadyRead: rest))
    }

    private func succeed(_ socket: WebSocket) {
        stream = nil
        finish(.success(socket))
    }

    private func fail(_ why: String) {
        stream?.close()
        stream = nil
        finish(.failure(Failure(description: why)))
    }

    private func finish(_ result: Result<WebSocket, Failure>) {
        let completion = completion
        self.completion = nil
        completion?(result)
    }

    /// 16 random bytes, as the handshake wants them.
    private static func randomKey() -> String { base64((0..<16).map { _ in UInt8.random(in: 0...255) }) }

    /// What a server must answer to `key` (RFC 6455, 4.2.2).
    private static func acceptance(of key: String) -> String {
        var digest = [UInt8](repeating: 0, count: 20)
        var length = gsize(digest.count)
        let checksum = g_checksum_new(G_CHECKSUM_SHA1)
        defer { g_checksum_free(checksum) }
        g_checksum_update(checksum, key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", -1)
        g_checksum_get_digest(checksum, &digest, &length)
        return base64(digest)
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        guard let text = g_base64_encode(bytes, gsize(bytes.count)) else { return "" }
        defer { g_free(text) }
        return String(cString: text)
    }
}

/// `ws://HOST:PORT/PATH?QUERY` or `wss://...`, taken apart.
package struct WebSocketAddress: Equatable, Sendable {
    package let isSecure: Bool
    /// Host and port.
    package let authority: String
    /// Path and query.
    package let target: String

    package init(isSecure: Bool, authority: String, target: String) {
        self.isSecure = isSecure
        self.authority = authority
        self.target = target
    }
}

extension Substring {
    fileprivate var trimmingBlanks: String {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}

// SPDX-License-Identifier: Apache-2.0

import CGLib
import MainLoop
import Testing
import Timing

@testable import Sockets

/// Requests over real sockets, and answers that take their time.
@Suite("An exchange", .timeLimit(.minutes(1)))
@MainLoop
struct ExchangeTests {
    /// A server, and a client that speaks to it byte by byte.
    @MainLoop
    final class Visit {
        private var server: WebServer?
        private var stream: ByteStream?
        private(set) var text = ""
        private(set) var hasEnded = false
        /// How much the client reads before it stops for good.
        var appetite = Int.max

        init(
            limits: TransportLimits = TransportLimits(), _ handle: @escaping @MainLoop (Exchange) -> Void
        ) async throws {
            let server = WebServer(limits: limits, handle: handle)
            self.server = server
            let port = try server.listen(on: "127.0.0.1", port: 0)
            let stream = try await withCheckedContinuation { continuation in
                ByteStream.connect(
                    to: "127.0.0.1:\(port)", secure: false, GObjectRef(adopting: g_cancellable_new())
                ) { continuation.resume(returning: $0) }
            }.get()
            self.stream = stream
            stream.whenReady { [weak self] in self?.read() }
        }

        var guestCount: Int { server?.guestCount ?? 0 }

        func say(_ lines: String...) throws {
            let bytes = Array((lines.joined(separator: "\r\n")).utf8)
            #expect(try stream?.write(bytes[...]) == bytes.count)
        }

        func ask(_ line: String, _ headers: String...) throws {
            try say(([line + " HTTP/1.1", "Host: here"] + headers + ["", ""]).joined(separator: "\r\n"))
        }

        func leave() { stream?.close() }

        private func read() {
            guard text.utf8.count < appetite else { return }
            do {
                guard let bytes = try stream?.read() else { return }
                text += String(decoding: bytes, as: UTF8.self)
                if bytes.isEmpty { end() }
            } catch { end() }
        }

        private func end() {
            hasEnded = true
            stream?.close()
        }

        /// What came once `isEnough` was.
        @discardableResult
        func heard(_ isEnough: (String) -> Bool) async -> String {
            while !isEnough(text) && !hasEnded { await Task.yield() }
            defer { text = "" }
            return text
        }

        func ended() async -> String {
            while !hasEnded { await Task.yield() }
            return text
        }
    }

    static func answer(_ text: String) -> HTTPResponse {
        HTTPResponse(status: 200, type: "text/plain", body: Array(text.utf8))
    }

    func until(_ condition: () -> Bool) async {
        while !condition() { await Task.yield() }
    }

    @Test func `one connection serves request after request, also pipelined, until it is refused one`() async throws {
        let visit = try await Visit { exchange in
            exchange.respond(exchange.request.path == "/no" ? .json(404, "{}") : Self.answer(exchange.request.path))
        }
        try visit.ask("GET /a")
        #expect(await visit.heard { $0.hasSuffix("/a") }.hasPrefix("HTTP/1.1 200 OK\r\n"))
        try visit.ask("HEAD /b")
        let head = await visit.heard { $0.hasSuffix("\r\n\r\n") }
        #expect(head.contains("Content-Length: 2\r\n") && !head.contains("Connection: close"))
        try visit.say("GET /c HTTP/1.1", "Host: here", "", "GET /d HTTP/1.1", "Host: here", "", "")
        #expect(await visit.heard { $0.hasSuffix("/d") }.contains("/c"))
        #expect(visit.guestCount == 1)
        try visit.ask("GET /no")
        #expect(await visit.ended().contains("Connection: close\r\n"))
        await until { visit.guestCount == 0 }
    }

    @Test func `a connection that asks for nothing more is dismissed in its time`() async throws {
        var limits = TransportLimits()
        limits.handshake = .seconds(1)
        let visit = try await Visit(limits: limits) { $0.respond(Self.answer("here")) }
        try visit.ask("GET /")
        #expect(await visit.ended().hasSuffix("here"))
        #expect(visit.guestCount == 0)
    }

    @Test func `who is to be answered later may wait longer than a guest, and is answered once`() async throws {
        var limits = TransportLimits()
        limits.handshake = .seconds(1)
        var held: Exchange?
        var deadline: Deadline?
        let visit = try await Visit(limits: limits) { exchange in
            exchange.take()
            exchange.whenGone { Issue.record("the client is still there") }
            held = exchange
            deadline = Deadline {
                held?.respond(Self.answer("late"))
                held?.respond(Self.answer("again"))
            }
            deadline?.arm(at: MainLoop.now + .seconds(2))
        }
        try visit.ask("GET /")
        #expect(await visit.ended().hasSuffix("\r\n\r\nlate"))
        withExtendedLifetime(deadline) {}
    }

    @Test
    func `whoever holds the answer is told once that the client went, before it was begun and after`() async throws {
        for isBegun in [false, true] {
            var (goings, isHeld) = (0, false)
            let visit = try await Visit { exchange in
                exchange.take()
                exchange.whenGone {
                    goings += 1
                    exchange.respond(Self.answer("to nobody"))
                }
                if isBegun { exchange.begin(Self.answer("")) }
                isHeld = true
            }
            try visit.ask("GET /")
            await until { isHeld }
            visit.leave()
            await until { goings == 1 && visit.guestCount == 0 }
        }
    }

    @Test func `an answer in pieces goes out as they come, in chunks, and the connection goes on`() async throws {
        var stream: Exchange?
        let visit = try await Visit { exchange in
            guard exchange.request.path == "/stream" else { return exchange.respond(Self.answer("next")) }
            exchange.take()
            exchange.begin(HTTPResponse(status: 200, type: "text/event-stream", body: []))
            stream = exchange
        }
        try visit.ask("GET /stream")
        #expect(await visit.heard { $0.hasSuffix("\r\n\r\n") }.contains("Transfer-Encoding: chunked\r\n"))
        #expect(stream?.write([]) == true)
        for piece in ["one", "two"] {
            #expect(stream?.write(Array(piece.utf8)) == true)
            #expect(await visit.heard { $0.hasSuffix("\r\n") } == "3\r\n\(piece)\r\n")
        }
        stream?.finish()
        #expect(stream?.write([]) == false)
        #expect(await visit.heard { $0.hasSuffix("\r\n\r\n") } == "0\r\n\r\n")
        try visit.ask("GET /")
        #expect(await visit.heard { $0.hasSuffix("next") }.hasPrefix("HTTP/1.1 200"))
    }

    @Test
    func `pieces whose length was announced need no chunks; a client of HTTP/1.0 reads to the end`() async throws {
        let visit = try await Visit { exchange in
            exchange.take()
            exchange.begin(Self.answer(""), length: exchange.request.path == "/known" ? 6 : nil)
            exchange.write(Array("abc".utf8))
            exchange.write(Array("def".utf8))
            exchange.finish()
        }
        try visit.ask("GET /known")
        #expect(await visit.heard { $0.hasSuffix("\r\n\r\nabcdef") }.contains("Content-Length: 6\r\n"))
        try visit.say("GET /old HTTP/1.0", "", "")
        #expect(await visit.ended().hasSuffix("\r\n\r\nabcdef"))
    }

    @Test
    func `a producer is asked to wait for a client that reads slowly, and told when there is room`() async throws {
        var (written, waits) = (0, 0)
        let piece = [UInt8](repeating: UInt8(ascii: "#"), count: 64 * 1024)
        var fill: (@MainLoop () -> Void)?
        let visit = try await Visit { exchange in
            exchange.take()
            fill = {
                while written < 200 {
                    written += 1
                    if !exchange.write(piece) {
                        waits += 1
                        return
                    }
                }
                exchange.finish()
            }
            exchange.begin(Self.answer(""), length: 200 * piece.count) { fill?() }
            fill?()
        }
        try visit.ask("GET /")
        let text = await visit.heard { $0.utf8.count > 200 * piece.count }
        #expect(text.utf8.count { $0 == UInt8(ascii: "#") } == 200 * piece.count)
        #expect(waits > 10)
    }

    @Test
    func `a client that takes nothing for a while is let go, and so is one for which too much waits`() async throws {
        for isPatient in [true, false] {
            var limits = TransportLimits()
            limits.stall = isPatient ? .milliseconds(100) : .seconds(50)
            limits.unsentBytes = isPatient ? .max : 10_000_000
            var isGone = false
            let visit = try await Visit(limits: limits) { exchange in
                exchange.take()
                exchange.whenGone { isGone = true }
                exchange.begin(Self.answer(""))
                for _ in 0..<200 { exchange.write([UInt8](repeating: 0, count: 100_000)) }
            }
            visit.appetite = 0
            try visit.ask("GET /")
            await until { isGone && visit.guestCount == 0 }
        }
    }

    @Test
    func `a body comes in pieces, announced or in chunks, and one over the limit is answered at once`() async throws {
        var (bodies, goings) = ([[UInt8]](), 0)
        func visit() async throws -> Visit {
            try await Visit { exchange in
                guard exchange.limitBody(to: 10, else: .json(413, "{}")) else { return }
                var body: [UInt8] = []
                exchange.take()
                exchange.whenGone { goings += 1 }
                exchange.receive { piece in
                    body += piece ?? []
                    guard piece == nil else { return }
                    bodies.append(body)
                    exchange.respond(Self.answer("thanks"))
                }
            }
        }
        let patient = try await visit()
        try patient.ask("POST /", "Content-Length: 4")
        try patient.say("ab")
        try patient.say("cd")
        #expect(await patient.heard { $0.hasSuffix("thanks") }.hasPrefix("HTTP/1.1 200"))
        try patient.ask("POST /", "Transfer-Encoding: chunked")
        try patient.say("3\r\nefg\r\n0\r\n\r\n")
        #expect(await patient.heard { $0.hasSuffix("thanks") }.hasPrefix("HTTP/1.1 200"))
        try patient.ask("POST /")
        #expect(await patient.heard { $0.hasSuffix("thanks") }.hasPrefix("HTTP/1.1 200"))
        #expect(bodies == [Array("abcd".utf8), Array("efg".utf8), []])
        try patient.ask("POST /", "Content-Length: 11")
        #expect(await patient.ended().hasPrefix("HTTP/1.1 413"))
        #expect(goings == 0)

        let flood = try await visit()
        try flood.ask("POST /", "Transfer-Encoding: chunked")
        try flood.say("9\r\n123456789\r\n9\r\n123456789\r\n")
        #expect(await flood.ended().hasPrefix("HTTP/1.1 413"))
        #expect(goings == 1)
        let asking = try await visit()
        try asking.ask("POST /", "Content-Length: 99", "Expect: 100-continue")
        #expect(await asking.ended().hasPrefix("HTTP/1.1 413"))
    }

    @Test(
        arguments: [
            ([:], .none), (["content-length": "0"], .none), (["content-length": "12"], .length(12)),
            (["transfer-encoding": "Chunked"], .chunks), (["content-length": "+1"], .ambiguous),
            (["content-length": "1, 1"], .ambiguous), (["content-length": ""], .ambiguous),
            (["content-length": "99999999999999999999"], .ambiguous), (["transfer-encoding": "gzip"], .ambiguous),
            (["transfer-encoding": "chunked", "content-length": "0"], .ambiguous),
        ] as [([String: String], HTTPRequest.Framing)])
    func `how a request says where its body ends, and where that is in doubt`(
        headers: [String: String], framing: HTTPRequest.Framing
    ) {
        var request = HTTPRequest(method: "POST", path: "/")
        request.headers = headers
        #expect(request.framing == framing)
    }
}

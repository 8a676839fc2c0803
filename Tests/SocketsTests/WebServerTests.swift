// SPDX-License-Identifier: Apache-2.0

import CGLib
import MainLoop
import Testing
import Timing

@testable import Sockets

/// Real sockets on loopback, both ends ours.
@Suite("A server and its clients", .timeLimit(.minutes(1)))
@MainLoop
struct WebServerTests {
    /// A server that echoes text and pictures, and refuses what isn't at /echo.
    final class Echo {
        private(set) var server: WebServer?
        private(set) var port: UInt16 = 0
        private(set) var sockets: [WebSocket] = []
        var isCrowded = false

        @MainLoop
        init(handshake: Duration = .seconds(10), limits: TransportLimits = TransportLimits()) throws {
            var limits = limits
            limits.handshake = handshake
            let server = WebServer(limits: limits, admit: { [weak self] _ in self?.isCrowded == false }) { exchange in
                guard exchange.request.path == "/echo", exchange.request.wantsWebSocket else {
                    return exchange.respond(.json(404, #"{"error":"nothing at \#(exchange.request.path)"}"#))
                }
                exchange.upgrade { [weak self] in self?.echo($0) }
            }
            self.server = server
            port = try server.listen(on: "127.0.0.1", port: 0)
        }

        @MainLoop
        private func echo(_ socket: WebSocket) {
            sockets.append(socket)
            socket.start { [weak socket] event in
                switch event {
                case .text(let text): socket?.send(text)
                case .binary(let bytes): socket?.send(picture: bytes)
                case .ping, .pong, .picturesDropped, .closed: break
                }
            }
        }

        func address(_ path: String = "/echo") -> WebSocketAddress {
            WebSocketAddress(isSecure: false, authority: "127.0.0.1:\(port)", target: path)
        }
    }

    /// Dials and waits for the outcome.
    func dial(_ address: WebSocketAddress) async throws(Dial.Failure) -> WebSocket {
        var attempt: Dial?
        let result = await withCheckedContinuation { continuation in
            attempt = Dial(to: address) { continuation.resume(returning: $0) }
        }
        _ = attempt
        return try result.get()
    }

    /// What comes until the socket closes, as a stream.
    func events(of socket: WebSocket) -> AsyncStream<WebSocket.Event> {
        AsyncStream { stream in
            socket.start { event in
                stream.yield(event)
                if case .closed = event { stream.finish() }
            }
        }
    }

    @Test func `text and pictures of every size come back as they went`() async throws {
        let echo = try Echo()
        let socket = try await dial(echo.address())
        var events = events(of: socket).makeAsyncIterator()
        for size in [0, 1, 125, 126, 65535, 65536, 200_000] {
            socket.send(String(repeating: "x", count: size))
            #expect(await events.next() == .text(String(repeating: "x", count: size)))
            socket.send(picture: Array(repeating: 7, count: size))
            #expect(await events.next() == .binary(Array(repeating: 7, count: size)))
        }
        socket.ping()
        #expect(await events.next() == .pong)
        socket.close(code: 1000, reason: "done")
        #expect(await events.next() == .closed(code: 1000, reason: "done", by: .owner))
        #expect(await events.next() == nil)
    }

    @Test func `a thousand messages in flight keep their order`() async throws {
        let echo = try Echo()
        let socket = try await dial(echo.address())
        let events = events(of: socket)
        for number in 0..<1000 { socket.send("\(number) \(String(repeating: "y", count: 2000))") }
        var expected = 0
        for await event in events {
            guard case .text(let text) = event else { continue }
            #expect(text.hasPrefix("\(expected) "))
            expected += 1
            if expected == 1000 { break }
        }
        #expect(expected == 1000)
    }

    @Test func `a path that is nowhere is answered, not upgraded`() async throws {
        let echo = try Echo()
        await #expect(throws: Dial.Failure(description: "the server answered 404 Not Found")) {
            _ = try await dial(echo.address("/elsewhere"))
        }
        #expect(echo.server?.guestCount == 0)
    }

    @Test func `a connection that is not admitted hears nothing`() async throws {
        let echo = try Echo()
        echo.isCrowded = true
        let failure = await #expect(throws: Dial.Failure.self) { _ = try await dial(echo.address()) }
        #expect(failure?.description.contains("answered") == false)
    }

    @Test func `nobody listens there`() async throws {
        let address = WebSocketAddress(isSecure: false, authority: "127.0.0.1:1", target: "/echo")
        await #expect(throws: Dial.Failure.self) { _ = try await dial(address) }
    }

    @Test func `a socket that broke before it was started says so when it is`() async throws {
        let echo = try Echo()
        let socket = try await dial(echo.address())
        socket.abort()
        var events = events(of: socket).makeAsyncIterator()
        #expect(await events.next() == .closed(code: 1006, reason: "aborted", by: .owner))
        #expect(await events.next() == nil)
    }

    @Test func `text over the limit closes with 1009, and the sender hears that code`() async throws {
        var limits = TransportLimits()
        limits.textBytes = 1000
        let echo = try Echo(limits: limits)
        let socket = try await dial(echo.address())
        let events = events(of: socket)
        socket.send(String(repeating: "x", count: 1001))
        for await event in events {
            #expect(event == .closed(code: 1009, reason: "message larger than 1000 bytes", by: .peer))
        }
    }

    @Test func `a client that says nothing is dismissed when its time for the handshake is over`() async throws {
        let echo = try Echo(handshake: .milliseconds(100))
        let start = MainLoop.now
        let stream = try await silentClient(echo.port)
        await withCheckedContinuation { continuation in
            stream.whenReady {
                stream.close()
                continuation.resume()
            }
        }
        #expect(start.duration(to: MainLoop.now) >= .milliseconds(100))
        #expect(echo.server?.guestCount == 0)
    }

    /// A TCP connection and nothing more.
    func silentClient(_ port: UInt16) async throws -> ByteStream {
        let cancellable = GObjectRef(adopting: g_cancellable_new())
        return try await withCheckedContinuation { continuation in
            ByteStream.connect(to: "127.0.0.1:\(port)", secure: false, cancellable) {
                continuation.resume(returning: $0)
            }
        }.get()
    }

    @Test
    func `pictures for a client that does not read are dropped, oldest first; text closes with 1013`() async throws {
        var limits = TransportLimits()
        limits.unsentBytes = 1_000_000
        limits.closing = .milliseconds(50)
        let echo = try Echo(limits: limits)
        let client = try await dial(echo.address())
        // The client never starts, so it never reads.
        while echo.sockets.isEmpty { await Task.yield() }
        let server = echo.sockets[0]
        var dropped = 0
        var closing: WebSocket.Event?
        await withCheckedContinuation { continuation in
            server.start { event in
                if case .picturesDropped(let count) = event { dropped += count }
                if case .closed = event {
                    closing = event
                    continuation.resume()
                }
            }
            for _ in 0..<200 { server.send(picture: Array(repeating: 1, count: 100_000)) }
            #expect(dropped > 100)
            #expect(server.unsentBytes <= 1_000_000)
            for _ in 0..<200 { server.send(String(repeating: "z", count: 100_000)) }
        }
        #expect(closing == .closed(code: 1013, reason: "the peer does not read", by: .rules))
        _ = client
    }
}

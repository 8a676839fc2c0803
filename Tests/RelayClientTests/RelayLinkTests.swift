// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Testing

@testable import RelayClient
@testable import Sockets

/// What a link says of a relay that it cannot reach, or loses.
@Suite("A link's troubles", .timeLimit(.minutes(1)))
@MainLoop
struct RelayLinkTests {
    /// A link, and what it says.
    final class Caller {
        private(set) var heard: [RelayLink.Event] = []
        private(set) var link: RelayLink?
        private let reasons: AsyncStream<String>

        @MainLoop
        init(to port: UInt16) {
            let (reasons, inbox) = AsyncStream.makeStream(of: String.self)
            self.reasons = reasons
            let address = WebSocketAddress(isSecure: false, authority: "127.0.0.1:\(port)", target: "/")
            link = RelayLink(to: address) { [weak self] event in
                self?.heard.append(event)
                if case .waiting(_, let why) = event { inbox.yield(why) }
            }
            link?.start()
        }

        @MainLoop
        func reason() async -> String? {
            for await why in reasons { return why }
            return nil
        }
    }

    /// Keeps what is connected, and says nothing.
    final class Silence {
        private var listener: Listener?
        private var connections: [Connection] = []

        @MainLoop
        func listen() throws -> UInt16 {
            let listener = try Listener(address: "127.0.0.1", port: 0) { [weak self] in self?.connections.append($0) }
            self.listener = listener
            return listener.port
        }
    }

    /// Takes WebSockets in, and does with them what it is told.
    final class Host {
        private var server: WebServer?
        private var sockets: [WebSocket] = []

        @MainLoop
        func listen(_ use: @escaping @MainLoop (WebSocket) -> Void) throws -> UInt16 {
            let server = WebServer { exchange in
                exchange.upgrade { [weak self] socket in
                    self?.sockets.append(socket)
                    use(socket)
                }
            }
            self.server = server
            return try server.listen(on: "127.0.0.1", port: 0)
        }
    }

    @Test func `a dial and a ping without an answer are told as what they are, after 10 and 7 s`() async throws {
        let silence = Silence()
        let caller = Caller(to: try silence.listen())
        let deaf = Host()
        let pinger = Caller(to: try deaf.listen { _ in })
        #expect(await pinger.reason() == "no answer to a ping within 4 s")
        #expect(pinger.heard.prefix(2) == [.up, .down])
        #expect(pinger.heard.count == 3)
        #expect(await caller.reason() == "no answer within 10 s")
        withExtendedLifetime((silence, deaf)) {}
    }

    @Test func `what the relay says in closing is the reason, and so is that nobody listens`() async throws {
        let host = Host()
        let port = try host.listen { socket in
            socket.start { _ in }
            socket.close(code: 1001, reason: "the relay stops")
        }
        #expect(await Caller(to: port).reason() == "the relay stops")
        #expect(await Caller(to: 1).reason()?.contains("refused") == true)
        withExtendedLifetime(host) {}
    }

    @Test func `a link that was stopped says nothing more, and its socket is closed`() async throws {
        let (ends, inbox) = AsyncStream.makeStream(of: WebSocket.Event.self)
        let host = Host()
        let port = try host.listen { socket in
            socket.start { inbox.yield($0) }
            socket.send("welcome")
        }
        let caller = Caller(to: port)
        while caller.heard.count < 2 { await Task.yield() }
        caller.link?.stop()
        for await case .closed in ends { break }
        #expect(caller.heard == [.up, .received("welcome")])
        withExtendedLifetime(host) {}
    }
}

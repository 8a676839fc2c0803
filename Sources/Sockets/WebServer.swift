// SPDX-License-Identifier: Apache-2.0

import CGLib
import CSoup
import MainLoop
import Timing

/// HTTP and WebSockets on any number of ports: libsoup reads the requests, the frames are ours.
///
/// A connection has `handshake` seconds to say what it wants, and as many again after each answer. Each address may have
/// few TLS handshakes at once, and the others wait: each holds one of GIO's few threads for as long as the peer likes.
/// The owner's closures decide who may come in, and never wait.
@MainLoop
package final class WebServer {
    /// Asked for each connection, before a byte of it is read.
    private let admit: (_ address: String) -> Bool
    /// Given each request as soon as its head has come.
    private let handle: (Exchange) -> Void
    /// Told of each connection that asked for nothing in time.
    private let dismissed: () -> Void
    private let limits: TransportLimits
    private let server: GObjectRef<UnsafeMutablePointer<SoupServer>>
    private var listeners: [Listener] = []
    /// Connections that ask for nothing yet, in the order of their deadlines.
    private var guests: [Guest] = []
    private var deadline: Deadline?

    private struct Guest {
        let connection: Connection
        let until: Instant
        /// Whether it has been served before.
        var isKnown = false
        /// While it waits for its TLS handshake: the certificate to show.
        var identity: TLSIdentity?
    }

    private static let handshakesOfAddress = 2

    package init(
        limits: TransportLimits = TransportLimits(),
        admit: @escaping @MainLoop (_ address: String) -> Bool = { _ in true },
        dismissed: @escaping @MainLoop () -> Void = {}, handle: @escaping @MainLoop (Exchange) -> Void
    ) {
        self.limits = limits
        self.admit = admit
        self.handle = handle
        self.dismissed = dismissed
        server = GObjectRef(adopting: csoup_server_new("framewatch"))
        deadline = Deadline { [weak self] in self?.dismissLateGuests() }
        handleRequests()
    }

    /// Listens on one more port and returns its number: 0 takes any free one.
    package func listen(on address: String, port: UInt16, identity: TLSIdentity? = nil) throws(GLibError) -> UInt16 {
        let listener = try Listener(address: address, port: port) { [weak self] in
            self?.accept($0, identity: identity)
        }
        listeners.append(listener)
        return listener.port
    }

    /// Connections that ask for nothing yet, or for nothing more.
    package var guestCount: Int { guests.count { !$0.connection.isClosed } }

    // MARK: - Connections

    private func accept(_ connection: Connection, identity: TLSIdentity?) {
        // Without a word: it may be a phone's upload, which takes any answer for success.
        guard admit(connection.remoteAddress) else { return connection.close() }
        // First, as libsoup at once handles what has come already.
        welcome(connection, isKnown: false, identity: identity)
        if identity == nil { serve(connection, through: nil) } else { shakeHands(with: connection.network) }
    }

    private func welcome(_ connection: Connection, isKnown: Bool, identity: TLSIdentity? = nil) {
        let until = MainLoop.now + limits.handshake
        guests.removeAll { $0.connection.isClosed }
        guests.append(Guest(connection: connection, until: until, isKnown: isKnown, identity: identity))
        if guests.count == 1 { deadline?.arm(at: until) }
    }

    /// Begins this address's next TLS handshake, if one may begin.
    private func shakeHands(with network: String) {
        let theirs = guests.indices.filter { guests[$0].connection.network == network }
        guard theirs.count(where: { guests[$0].connection.isShakingHands }) < WebServer.handshakesOfAddress,
            let next = theirs.first(where: { guests[$0].identity != nil }),
            let identity = guests[next].identity.take()
        else { return }
        let connection = guests[next].connection
        do throws(GLibError) {
            try connection.secure(by: identity) { [weak self] in self?.serve(connection, afterHandshake: $0) }
        } catch {
            serve(connection, afterHandshake: nil)
        }
    }

    private func serve(_ connection: Connection, afterHandshake stream: IOStream?) {
        if let stream, guests.contains(where: { $0.connection === connection }) {
            serve(connection, through: stream)
        } else {
            guests.removeAll { $0.connection === connection }
            connection.close()
        }
        shakeHands(with: connection.network)
    }

    private func serve(_ connection: Connection, through secured: IOStream?) {
        do throws(GLibError) {
            try connection.serve(through: secured, by: server)
        } catch {
            connection.close()
        }
    }

    /// Makes room by dropping whoever has taken longest to say what it wants.
    package func dismissOldestGuest() {
        guests.removeAll { $0.connection.isClosed }
        if !guests.isEmpty { guests.removeFirst().connection.close() }
    }

    private func dismissLateGuests() {
        let now = MainLoop.now
        let late = guests.prefix { $0.until <= now }
        for guest in late where !guest.connection.isClosed {
            guest.connection.close()
            if !guest.isKnown { dismissed() }
        }
        guests.removeFirst(late.count)
        guests.removeAll { $0.connection.isClosed }
        deadline?.arm(at: guests.first?.until)
    }

    // MARK: - Requests

    private func handleRequests() {
        typealias Handler = UserData<@MainLoop (RequestMessage) -> Void>
        let begin: @MainLoop (RequestMessage) -> Void = { [weak self] in self?.begin($0) }
        soup_server_add_early_handler(
            server.pointer, nil,
            { _, message, _, _, data in
                guard let message else { return }
                soup_message_body_set_accumulate(soup_server_message_get_request_body(message), 0)
                MainLoop.assumeIsolated(passing: (message, data)) { message, data in
                    Handler.value(of: data)(RequestMessage(retaining: message))
                }
            }, Handler.retain(begin), releaseUserData)
    }

    private func begin(_ message: RequestMessage) {
        let remote = message.remote
        guard let connection = guests.first(where: { $0.connection.isSame(as: remote) })?.connection else { return }
        let exchange = Exchange(message, on: connection, limits: limits) { [weak self] in self?.now($0, connection) }
        if exchange.request.framing == .ambiguous {
            exchange.respond(.json(400, #"{"error":"ambiguous_length"}"#))
        } else {
            handle(exchange)
        }
    }

    private func now(_ standing: Exchange.Standing, _ connection: Connection) {
        guests.removeAll { $0.connection === connection }
        if standing == .idle { welcome(connection, isKnown: true) }
    }
}

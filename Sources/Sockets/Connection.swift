// SPDX-License-Identifier: Apache-2.0

import CGLib
import CSoup
import MainLoop
import Timing

/// An accepted TCP connection, whose purpose is not known yet.
@MainLoop
final class Connection {
    private let socket: GObjectRef<UnsafeMutablePointer<GSocketConnection>>
    private let remote: GObjectRef<UnsafeMutablePointer<GSocketAddress>>
    let remoteAddress: String
    /// All connections of a machine have the same.
    let network: String
    private var isSecure = false
    private(set) var isShakingHands = false

    /// `nil` if the peer has gone already.
    init?(retaining connection: UnsafeMutablePointer<GSocketConnection>) {
        guard let remote = g_socket_connection_get_remote_address(connection, nil) else { return nil }
        socket = GObjectRef(retaining: connection)
        self.remote = GObjectRef(adopting: remote)
        remoteAddress = addressText(remote)
        network = ConnectionLimit.network(of: remoteAddress)
        cglib_socket_prepare(g_socket_connection_get_socket(connection))
    }

    var isClosed: Bool { g_io_stream_is_closed(stream) != 0 }

    /// Whether a request came from here.
    func isSame(as address: UnsafeMutablePointer<GSocketAddress>?) -> Bool { remote.pointer == address }

    /// Wraps this connection in TLS. `completion` gets the stream after the handshake, or `nil` if that failed, as when
    /// the connection was closed.
    func secure(
        by identity: TLSIdentity, _ completion: @escaping @MainLoop (IOStream?) -> Void
    ) throws(GLibError) {
        typealias Completion = UserData<@MainLoop (Bool) -> Void>
        let secured = try withGError { g_tls_server_connection_new(stream, identity.certificate.pointer, $0) }
        guard let secured else { throw GLibError(message: "this machine's GLib has no TLS: install glib-networking") }
        isSecure = true
        isShakingHands = true
        let owned = GObjectRef(adopting: secured)
        g_tls_connection_handshake_async(
            UnsafeMutableRawPointer(secured).assumingMemoryBound(to: GTlsConnection.self), G_PRIORITY_DEFAULT, nil,
            { source, result, data in
                MainLoop.assumeIsolated(passing: (source, result, data)) { source, result, data in
                    defer { releaseUserData(data) }
                    let connection = UnsafeMutableRawPointer(source)?.assumingMemoryBound(to: GTlsConnection.self)
                    Completion.value(of: data)(g_tls_connection_handshake_finish(connection, result, nil) != 0)
                }
            },
            Completion.retain { succeeded in
                self.isShakingHands = false
                completion(succeeded ? owned : nil)
            })
    }

    /// Lets libsoup read requests from here.
    func serve(
        through secured: IOStream?, by server: GObjectRef<UnsafeMutablePointer<SoupServer>>
    ) throws(GLibError) {
        let local = try withGError { g_socket_connection_get_local_address(socket.pointer, $0) }
        let localAddress = local.map { GObjectRef(adopting: $0) }
        _ = try withGError {
            soup_server_accept_iostream(
                server.pointer, secured?.pointer ?? stream, localAddress?.pointer, remote.pointer, $0)
        }
    }

    /// Answers, and goes on reading for a while what the peer is still sending.
    func refuse(_ response: HTTPResponse, over stream: IOStream, lingering: Duration) {
        let stream = byteStream(stream)
        _ = try? stream.write(response.onTheWire[...])
        g_socket_shutdown(g_socket_connection_get_socket(socket.pointer), 0, 1, nil)
        let deadline = Deadline { stream.close() }
        deadline.arm(at: MainLoop.now + lingering)
        // It keeps both until then.
        stream.whenReady {
            withExtendedLifetime(deadline) {
                do throws(GLibError) {
                    if try stream.read()?.isEmpty == true { stream.close() }
                } catch {
                    stream.close()
                }
            }
        }
    }

    /// Calls `handler` once the kernel knows that the peer will send no more.
    func whenHungUp(_ handler: @escaping @MainLoop () -> Void) -> Readiness {
        Readiness(ofHangup: g_socket_get_fd(g_socket_connection_get_socket(socket.pointer)), handler)
    }

    /// A stream over this connection that libsoup gave back.
    func byteStream(_ stream: IOStream) -> ByteStream {
        ByteStream(stream, over: g_socket_connection_get_socket(socket.pointer), isSecure: isSecure)
    }

    /// During a handshake this only ends that: a thread reads from the descriptor, which could be another's after a
    /// close.
    func close() {
        g_socket_shutdown(g_socket_connection_get_socket(socket.pointer), 1, 1, nil)
        guard !isShakingHands else { return }
        g_io_stream_close_async(stream, G_PRIORITY_DEFAULT, nil, nil, nil)
    }

    private var stream: UnsafeMutablePointer<GIOStream> {
        UnsafeMutableRawPointer(socket.pointer).assumingMemoryBound(to: GIOStream.self)
    }
}

/// The address without its port.
func addressText(_ address: UnsafeMutablePointer<GSocketAddress>) -> String {
    guard g_socket_address_get_family(address) != G_SOCKET_FAMILY_UNIX else { return "unix" }
    let internet = UnsafeMutableRawPointer(address).assumingMemoryBound(to: GInetSocketAddress.self)
    guard let text = g_inet_address_to_string(g_inet_socket_address_get_address(internet)) else { return "" }
    defer { g_free(text) }
    return String(cString: text)
}

extension HTTPResponse {
    fileprivate var onTheWire: [UInt8] {
        let fields = headers.map { "\($0): \($1)\r\n" }.sorted().joined()
        let head = "HTTP/1.1 \(status) \(status)\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\(fields)\r\n"
        return Array(head.utf8) + body
    }
}

// SPDX-License-Identifier: Apache-2.0

import CGLib
import MainLoop

/// One listening port. It listens until it is let go.
@MainLoop
final class Listener {
    let port: UInt16
    private let service: GObjectRef<UnsafeMutablePointer<GSocketService>>
    private let incoming: SignalConnection

    init(address: String, port: UInt16, _ accept: @escaping @MainLoop (Connection) -> Void) throws(GLibError) {
        let service = GObjectRef(adopting: g_socket_service_new())
        self.service = service
        let wanted = GObjectRef(adopting: g_inet_socket_address_new_from_string(address, guint(port)))
        var actual: UnsafeMutablePointer<GSocketAddress>?
        let listener = UnsafeMutableRawPointer(service.pointer).assumingMemoryBound(to: GSocketListener.self)
        // GIO's ten are too few for a burst: whoever finds the queue full tries again only after seconds.
        g_socket_listener_set_backlog(listener, 1024)
        _ = try withGError {
            g_socket_listener_add_address(
                listener, wanted.pointer, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, nil, &actual, $0)
        }
        let bound = OpaquePointer(actual).map { GObjectRef(adopting: $0) }
        self.port = bound.map { UInt16($0.property("port", as: Int.self)) } ?? port
        incoming = SignalConnection(service, "incoming") { emission in
            let connection = emission.pointer(0)?.assumingMemoryBound(to: GSocketConnection.self)
            if let connection = connection.flatMap(Connection.init(retaining:)) { accept(connection) }
            emission.setResult(true)
        }
    }

    deinit { g_socket_service_stop(service.pointer) }
}

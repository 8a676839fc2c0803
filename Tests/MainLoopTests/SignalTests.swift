// SPDX-License-Identifier: Apache-2.0

import CGLib
import Glibc
import MainLoop
import Testing

@MainLoop
@Suite struct SignalTests {
    private let log = Log<String>()
    private let action = GObjectRef<OpaquePointer>(adopting: g_simple_action_new("shutter", nil))

    /// Captured by a handler, it lives as long as the handler does.
    private final class Token: Sendable {}

    private func activate() {
        g_action_activate(action.pointer, nil)
    }

    @Test func `a handler is on the loop`() {
        let onLoop = SignalConnection(action, "activate") { _ in log.append("on the loop") }
        let assumed = SignalConnection(action, onAnyThread: "activate") { _ in
            MainLoop.assumeIsolated { log.append("assumed") }
        }
        activate()
        #expect(log.entries == ["on the loop", "assumed"])
        withExtendedLifetime((onLoop, assumed)) {}
    }

    @Test func `a handler for the loop traps when its signal comes on another thread`() async {
        await #expect(processExitsWith: .failure) {
            let cancellable = GObjectRef(adopting: g_cancellable_new())
            let connection = SignalConnection(cancellable, "cancelled") { _ in }
            g_cancellable_cancel(cancellable.pointer)
            withExtendedLifetime(connection) {}
        }
        await #expect(processExitsWith: .success) {
            let cancellable = GObjectRef(adopting: g_cancellable_new())
            let connection = SignalConnection(cancellable, onAnyThread: "cancelled") { _ in }
            g_cancellable_cancel(cancellable.pointer)
            withExtendedLifetime(connection) {}
        }
    }

    @Test func `it gets the arguments and the object`() {
        let list = GObjectRef(adopting: g_list_store_new(g_simple_action_get_type()))
        let connection = SignalConnection(list, "items-changed") { emission in
            let counts = (0..<3).map { emission.argument($0, as: Int.self) }
            log.append("\(counts), \(g_list_model_get_n_items(emission.object.pointer)) in all")
        }
        g_list_store_append(list.pointer, action.pointer.raw)
        g_list_store_append(list.pointer, action.pointer.raw)
        g_list_store_remove(list.pointer, 0)
        #expect(log.entries == ["[0, 0, 1], 1 in all", "[1, 0, 1], 2 in all", "[0, 1, 0], 1 in all"])
        withExtendedLifetime(connection) {}
    }

    @Test func `it gives the result`() {
        let observer = GObjectRef(adopting: g_dbus_auth_observer_new())
        let connection = SignalConnection(observer, "allow-mechanism") { emission in
            emission.setResult(emission.argument(0) == "EXTERNAL")
        }
        #expect(g_dbus_auth_observer_allow_mechanism(observer.pointer, "EXTERNAL") != 0)
        #expect(g_dbus_auth_observer_allow_mechanism(observer.pointer, "ANONYMOUS") == 0)
        withExtendedLifetime(connection) {}
    }

    @Test func `a detail narrows it down, and pointers are handed on`() {
        let client = GObjectRef(adopting: g_socket_client_new())
        let connection = SignalConnection(client, "notify::timeout") { emission in
            let spec = emission.pointer(0)?.assumingMemoryBound(to: GParamSpec.self)
            let name = String(cString: g_param_spec_get_name(spec))
            log.append("\(name) is \(emission.object.property(name, as: Int.self))")
        }
        client.setProperty("enable-proxy", false)
        client.setProperty("timeout", 5)
        #expect(log.entries == ["timeout is 5"])
        withExtendedLifetime(connection) {}
    }

    @Test func `nothing comes after cancel, even in the same emission`() {
        let connections = Log<SignalConnection>()
        let first = SignalConnection(action, "activate") { _ in
            log.append("first")
            for connection in connections.entries { connection.cancel() }
        }
        connections.append(first)
        connections.append(SignalConnection(action, "activate") { _ in log.append("second") })
        activate()
        activate()
        #expect(log.entries == ["first"])
    }

    enum End: CaseIterable { case cancelled, connectionGone, objectGone }

    @Test(arguments: End.allCases)
    func `the handler is freed by whichever end comes first`(end: End) throws {
        var object: GObjectRef? = GObjectRef<OpaquePointer>(adopting: g_simple_action_new("shutter", nil))
        weak var token: Token?
        var connection: SignalConnection? = connect(to: try #require(object)) { token = $0 }
        #expect(token != nil)
        switch end {
        case .cancelled: connection?.cancel()
        case .connectionGone: connection = nil
        case .objectGone: object = nil
        }
        #expect(token == nil)
        withExtendedLifetime((object, connection)) {}
    }

    /// Shows the token that the handler alone holds.
    private func connect(to object: GObjectRef<OpaquePointer>, show: (Token) -> Void) -> SignalConnection {
        let token = Token()
        show(token)
        return SignalConnection(object, "activate") { _ in withExtendedLifetime(token) {} }
    }
}

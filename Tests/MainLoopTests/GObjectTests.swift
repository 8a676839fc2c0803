// SPDX-License-Identifier: Apache-2.0

import CGLib
import MainLoop
import Testing

@Suite struct GObjectTests {
    private typealias Client = GObjectRef<UnsafeMutablePointer<GSocketClient>>

    @Test func `adopting takes over a reference, retaining adds one`() {
        let client = Client(adopting: g_socket_client_new())
        #expect(references(client.pointer) == 1)
        var second: Client? = Client(retaining: client.pointer)
        #expect(references(client.pointer) == 2)
        withExtendedLifetime(second) {}
        second = nil
        #expect(references(client.pointer) == 1)
    }

    @Test func `retaining a floating reference takes it`() throws {
        let floating = try #require(g_object_new_with_properties(g_initially_unowned_get_type(), 0, nil, nil))
        let owner = GObjectRef(retaining: floating)
        #expect(references(owner.pointer) == 1)
        #expect(g_object_is_floating(owner.pointer) == 0)
    }

    @Test func `properties go out and come back`() {
        let client = Client(adopting: g_socket_client_new())
        client.setProperty("enable-proxy", false)
        client.setProperty("timeout", 12)
        client.setProperty("type", Int(G_SOCKET_TYPE_DATAGRAM.rawValue))
        #expect(client.property("enable-proxy") == false)
        #expect(client.property("timeout") == 12)
        #expect(client.property("timeout") == 12.0)
        #expect(g_socket_client_get_socket_type(client.pointer) == G_SOCKET_TYPE_DATAGRAM)
    }

    @Test func `a property can be text, another object, or nothing`() {
        let address = GObjectRef(adopting: g_network_address_new("camera.example", 8_080))
        #expect(address.property("hostname") == "camera.example")
        #expect(address.property("scheme") == "")
        let client = Client(adopting: g_socket_client_new())
        let none: GObjectRef<OpaquePointer>? = client.object("local-address")
        #expect(none == nil)
        let local = GObjectRef(adopting: g_inet_socket_address_new_from_string("127.0.0.1", 8_080))
        g_socket_client_set_local_address(client.pointer, local.pointer)
        let some: GObjectRef<OpaquePointer>? = client.object("local-address")
        #expect(some?.property("port") == 8_080)
    }

    @Test func `a GError comes out as a typed error`() throws {
        let keys = g_key_file_new()
        defer { g_key_file_free(keys) }
        let error = #expect(throws: GLibError.self) {
            try withGError { g_key_file_load_from_file(keys, "/nowhere/at/all", G_KEY_FILE_NONE, $0) }
        }
        #expect(error?.domain == "g-file-error-quark")
        #expect(error?.code == Int(G_FILE_ERROR_NOENT.rawValue))
        #expect(error?.message.isEmpty == false)
        #expect(try withGError { g_key_file_load_from_data(keys, "[a]", 3, G_KEY_FILE_NONE, $0) } != 0)
    }

    private func references(_ object: UnsafeMutableRawPointer) -> guint {
        object.assumingMemoryBound(to: GObject.self).pointee.ref_count
    }
}

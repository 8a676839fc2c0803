// SPDX-License-Identifier: Apache-2.0

import CGLib

/// Owns one reference to a GObject, and drops it on whichever thread lets the owner go.
///
/// Hold it in a variable for as long as its pointer is in use.
// Sendable, since references are counted atomically and the pointer never changes. Which thread may call what is up to
// the module that holds it.
package final class GObjectRef<Pointer: GObjectPointer>: @unchecked Sendable {
    package let pointer: Pointer

    /// Takes over the caller's reference ("transfer full").
    package init(adopting pointer: Pointer) {
        precondition(g_object_is_floating(pointer.raw) == 0, "nobody owns a floating reference: retain it")
        self.pointer = pointer
    }

    /// Takes a reference of its own ("transfer none"), or the floating one ("transfer floating").
    package init(retaining pointer: Pointer) {
        g_object_ref_sink(pointer.raw)
        self.pointer = pointer
    }

    /// Takes a reference of its own beside the maker's, floating or not. Some objects (webrtcbin's parts) live by the
    /// floating reference that they were made with: whoever takes that one and lets go destroys them.
    package init(sharing pointer: Pointer) {
        // Makes the floating one the maker's.
        if g_object_is_floating(pointer.raw) != 0 { g_object_ref_sink(pointer.raw) }
        g_object_ref(pointer.raw)
        self.pointer = pointer
    }

    deinit { g_object_unref(pointer.raw) }
}

extension GObjectRef {
    package func property<Value: GLibValue>(_ name: String, as type: Value.Type = Value.self) -> Value {
        Value { g_object_get_property(object, name, $0) }
    }

    package func setProperty(_ name: String, _ value: some GLibValue) {
        value.asGValue { g_object_set_property(object, name, $0) }
    }

    /// A property that is an object itself.
    package func object<Object>(_ name: String, as type: Object.Type = Object.self) -> GObjectRef<Object>? {
        var value = GValue()
        g_value_init(&value, cglib_type_object)
        defer { g_value_unset(&value) }
        g_object_get_property(object, name, &value)
        return g_value_get_object(&value).map { GObjectRef<Object>(sharing: Object(raw: $0)) }
    }

    private var object: UnsafeMutablePointer<GObject> { pointer.raw.assumingMemoryBound(to: GObject.self) }
}

/// A C pointer to an object, whether or not Swift knows its struct.
package protocol GObjectPointer {
    init(raw: UnsafeMutableRawPointer)
    var raw: UnsafeMutableRawPointer { get }
}

extension UnsafeMutablePointer: GObjectPointer {
    package init(raw: UnsafeMutableRawPointer) { self = raw.assumingMemoryBound(to: Pointee.self) }
    package var raw: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self) }
}

extension OpaquePointer: GObjectPointer {
    package init(raw: UnsafeMutableRawPointer) { self.init(raw) }
    package var raw: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self) }
}

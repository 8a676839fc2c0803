// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop

// webrtcbin keeps its parts (transceivers, transports, the ICE agent) by the floating reference that they were made
// with. Whoever sinks it and lets go destroys a part that is in use.

extension GObjectRef {
    /// Takes a reference of its own beside the maker's, be that one floating or not.
    convenience init(sharing pointer: Pointer) {
        // From now on the floating one is the maker's in earnest.
        if g_object_is_floating(pointer.raw) != 0 { g_object_ref_sink(pointer.raw) }
        self.init(retaining: pointer)
    }

    /// An object that is a property of this one.
    func part(_ name: String) -> GObjectRef<OpaquePointer>? {
        var value = GValue()
        g_value_init(&value, cglib_type_object)
        defer { g_value_unset(&value) }
        g_object_get_property(pointer.raw.assumingMemoryBound(to: GObject.self), name, &value)
        return g_value_get_object(&value).map { GObjectRef<OpaquePointer>(sharing: OpaquePointer($0)) }
    }
}

// SPDX-License-Identifier: Apache-2.0

import CGLib

/// A type of properties, and of the arguments and results of signals.
///
/// GLib converts between numbers: `Int` serves every integer type, enums and flags.
package protocol GLibValue {
    static var gType: GType { get }
    init(copying value: UnsafePointer<GValue>)
    func store(in value: UnsafeMutablePointer<GValue>)
}

extension GLibValue {
    /// The value that `fill` puts into an empty GValue.
    init(_ fill: (UnsafeMutablePointer<GValue>) -> Void) {
        var value = GValue()
        g_value_init(&value, Self.gType)
        defer { g_value_unset(&value) }
        fill(&value)
        self.init(copying: &value)
    }

    /// Has `use` see this as a GValue.
    func asGValue(_ use: (UnsafePointer<GValue>) -> Void) {
        var value = GValue()
        g_value_init(&value, Self.gType)
        defer { g_value_unset(&value) }
        store(in: &value)
        use(&value)
    }
}

extension Bool: GLibValue {
    package static var gType: GType { cglib_type_bool }
    package init(copying value: UnsafePointer<GValue>) { self = g_value_get_boolean(value) != 0 }
    package func store(in value: UnsafeMutablePointer<GValue>) { g_value_set_boolean(value, self ? 1 : 0) }
}

extension Int: GLibValue {
    package static var gType: GType { cglib_type_int64 }
    package init(copying value: UnsafePointer<GValue>) { self.init(g_value_get_int64(value)) }
    package func store(in value: UnsafeMutablePointer<GValue>) { g_value_set_int64(value, gint64(self)) }
}

extension Double: GLibValue {
    package static var gType: GType { cglib_type_double }
    package init(copying value: UnsafePointer<GValue>) { self = g_value_get_double(value) }
    package func store(in value: UnsafeMutablePointer<GValue>) { g_value_set_double(value, self) }
}

/// A null string reads as an empty one.
extension String: GLibValue {
    package static var gType: GType { cglib_type_string }
    package init(copying value: UnsafePointer<GValue>) {
        self = g_value_get_string(value).map(String.init(cString:)) ?? ""
    }
    package func store(in value: UnsafeMutablePointer<GValue>) { g_value_set_string(value, self) }
}

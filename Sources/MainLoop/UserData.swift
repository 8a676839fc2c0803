// SPDX-License-Identifier: Apache-2.0

import CGLib

/// A Swift value, mostly a closure, as C hands it to a callback: `gpointer user_data`.
package final class UserData<Value> {
    private let value: Value

    private init(_ value: Value) { self.value = value }

    /// What `releaseUserData` must be called with once C is done with it.
    package static func retain(_ value: Value) -> UnsafeMutableRawPointer {
        let data = Unmanaged.passRetained(UserData(value)).toOpaque()
        cglib_hand_over(data)
        return data
    }

    /// The value that was retained; it stays valid even if C lets go of it meanwhile.
    package static func value(of data: UnsafeMutableRawPointer?) -> Value {
        guard let data else { preconditionFailure("a callback came without its user data") }
        cglib_take_over(data)
        return Unmanaged<UserData>.fromOpaque(data).takeUnretainedValue().value
    }
}

/// A `GDestroyNotify` for every kind of user data.
package func releaseUserData(_ data: UnsafeMutableRawPointer?) {
    data.map { Unmanaged<AnyObject>.fromOpaque($0).release() }
}

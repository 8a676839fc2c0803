// SPDX-License-Identifier: Apache-2.0

import CGLib

/// An error reported by a C function, GLib's way.
package struct GLibError: Error, Equatable, CustomStringConvertible {
    /// The quark's name, such as `g-io-error-quark`.
    package let domain: String
    package let code: Int
    package let message: String

    package init(adopting error: UnsafeMutablePointer<GError>) {
        domain = String(cString: g_quark_to_string(error.pointee.domain))
        code = Int(error.pointee.code)
        message = String(cString: error.pointee.message)
        g_error_free(error)
    }

    /// An error of our own, for a C function that fails without one.
    package init(message: String) {
        domain = "framewatch"
        code = 0
        self.message = message
    }

    package var description: String { "\(message) (\(domain), \(code))" }
}

/// Calls `body` with a `GError **` and throws what is found there afterwards.
package func withGError<Result>(
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<GError>?>) -> Result
) throws(GLibError) -> Result {
    var error: UnsafeMutablePointer<GError>?
    let result = body(&error)
    if let error { throw GLibError(adopting: error) }
    return result
}

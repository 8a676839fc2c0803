// SPDX-License-Identifier: Apache-2.0

import CGLib
import Glibc

/// What GLib and its libraries would write to the standard error: warnings about us, or about themselves.
package enum LibraryLog {
    /// Has `handler` called on the loop from now on, for the rest of the process, with each warning or worse.
    package static func capture(_ handler: @escaping @MainLoop (_ domain: String, _ message: String) -> Void) {
        typealias Handler = UserData<@MainLoop (String, String) -> Void>
        g_log_set_writer_func(
            { level, fields, count, data in
                guard level.rawValue <= G_LOG_LEVEL_WARNING.rawValue else { return G_LOG_WRITER_HANDLED }
                let fields = UnsafeBufferPointer(start: fields, count: Int(count))
                let (domain, message) = (
                    LibraryLog.text(of: "GLIB_DOMAIN", in: fields), LibraryLog.text(of: "MESSAGE", in: fields)
                )
                // GLib ends the process after an error, so this is the last chance to say it.
                if level.rawValue & G_LOG_LEVEL_ERROR.rawValue != 0 {
                    let text = "framewatch: \(domain): \(message)\n"
                    _ = write(STDERR_FILENO, text, text.utf8.count)
                }
                let handler = Handler.value(of: data)
                MainLoop.post { handler(domain, message) }
                return G_LOG_WRITER_HANDLED
            }, Handler.retain(handler), releaseUserData)
    }

    private static func text(of key: String, in fields: UnsafeBufferPointer<GLogField>) -> String {
        // A length of -1 says that it is a C string, as all that GLib's own macros make are.
        let field = fields.first { String(cString: $0.key) == key && $0.length < 0 }
        return field.map { String(cString: $0.value.assumingMemoryBound(to: CChar.self)) } ?? ""
    }
}

// SPDX-License-Identifier: Apache-2.0

import CGLib

/// Owns a GSource on the loop, which calls its handler there until the owner goes.
final class EventSource {
    private typealias Handler = UserData<@MainLoop () -> Void>

    private let source: UnsafeMutablePointer<GSource>

    /// Takes over a source, not attached yet, whose callback is a plain `GSourceFunc`.
    init(adopting source: UnsafeMutablePointer<GSource>, _ handler: @escaping @MainLoop () -> Void) {
        self.source = source
        let call: GSourceFunc = { data in
            MainLoop.assumeIsolated(Handler.value(of: data))
            return cglib_source_continue
        }
        g_source_set_callback(source, call, Handler.retain(handler), releaseUserData)
        g_source_attach(source, nil)
    }

    /// Calls its handler while `descriptor` has something to read.
    convenience init(watching descriptor: CInt, _ handler: @escaping @MainLoop () -> Void) {
        let source: UnsafeMutablePointer<GSource> = cglib_source_new()
        g_source_add_unix_fd(source, descriptor, G_IO_IN)
        // Nobody runs a loop inside the loop. To allow for one, GLib would stop watching the descriptor around each call
        // and start again, waking itself both times.
        g_source_set_can_recurse(source, 1)
        self.init(adopting: source, handler)
    }

    deinit {
        g_source_destroy(source)
        g_source_unref(source)
    }
}

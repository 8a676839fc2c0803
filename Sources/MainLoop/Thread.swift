// SPDX-License-Identifier: Apache-2.0

import CGLib

/// Runs `body` on a thread of its own, which ends with it. Debuggers and `top` show its name.
package func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
    typealias Body = UserData<@Sendable () -> Void>
    let thread = g_thread_new(
        name,
        { body in
            Body.value(of: body)()
            releaseUserData(body)
            return nil
        }, Body.retain(body))
    g_thread_unref(thread)
}

// SPDX-License-Identifier: Apache-2.0

import Timing

/// Passes on the first answer to a question, or `nil` when time is up.
@MainLoop
package final class FirstAnswer<Value> {
    private var then: (@MainLoop (Value?) -> Void)?
    private var deadline: Deadline?

    package init(within limit: Duration, _ then: @escaping @MainLoop (Value?) -> Void) {
        self.then = then
        let deadline = Deadline { self.give(nil) }
        deadline.arm(at: MainLoop.now + limit)
        self.deadline = deadline
    }

    package func give(_ value: Value?) {
        let then = self.then.take()
        deadline = nil
        then?(value)
    }
}

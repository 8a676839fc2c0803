// SPDX-License-Identifier: Apache-2.0

import CGLib
import Glibc

package enum TerminationSignal: CInt, CaseIterable, Sendable {
    case interrupt = 2
    case terminate = 15

    /// As `kill -l` has it.
    package var name: String {
        switch self {
        case .interrupt: "SIGINT"
        case .terminate: "SIGTERM"
        }
    }
}

/// Makes each SIGINT and SIGTERM an event on the loop, for as long as it lives.
///
/// Several of a kind that come before the loop's next turn count as one.
@MainLoop
package final class TerminationSignals {
    private let sources: [EventSource]

    package init(_ handler: @escaping @MainLoop (TerminationSignal) -> Void) {
        sources = TerminationSignal.allCases.map { signal in
            EventSource(adopting: g_unix_signal_source_new(signal.rawValue)) { handler(signal) }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import CGLib

/// The thread on which GLib, libsoup and GStreamer's control live, as a global actor.
///
/// The thread starts when the loop is first used and lives as long as the process; `main` need only await its work.
/// It runs GLib's default context, so that whatever a library attaches is served, be it to the thread's own context or
/// to the default one. The thread never gives that context up: to own it is to be on the loop.
///
/// From then on the whole process ignores SIGPIPE.
@globalActor
package actor MainLoop {
    package static let shared = MainLoop()

    private nonisolated let executor = LoopExecutor()

    private init() {
        executor.start()
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// Has the loop run `body` soon. What one thread posts runs in that thread's order, which tasks don't promise.
    package nonisolated static func post(_ body: @escaping @MainLoop () -> Void) {
        shared.executor.enqueue(body)
    }

    /// Runs `operation` at once, as C has called us on the loop; on any other thread it traps.
    package nonisolated static func assumeIsolated<Result, Failure>(
        _ operation: @MainLoop () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try assumeIsolated(passing: ()) { (_: borrowing Void) throws(Failure) in try operation() }
    }

    /// Runs `operation` at once with what C has given us: the compiler lets no closure for the loop capture a pointer.
    package nonisolated static func assumeIsolated<Argument: ~Copyable, Result, Failure>(
        passing argument: borrowing Argument, _ operation: @MainLoop (borrowing Argument) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        typealias Isolated = @MainLoop (borrowing Argument) throws(Failure) -> Result
        typealias Plain = (borrowing Argument) throws(Failure) -> Result
        shared.preconditionIsolated("this may happen on the main loop only")
        return try withoutActuallyEscaping(operation) { (operation: @escaping Isolated) throws(Failure) in
            try unsafeBitCast(operation, to: Plain.self)(argument)
        }
    }
}

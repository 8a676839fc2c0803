// SPDX-License-Identifier: Apache-2.0

import CGLib

/// The thread on which GLib, libsoup and GStreamer's control live, as a global actor.
///
/// The thread starts when the loop is first used and lives as long as the process; `main` need only await its work.
/// It runs GLib's default context, which serves whatever libraries attach to that or to their thread's own. The thread
/// never gives the context up: to own it is to be on the loop.
///
/// From then on the whole process ignores SIGPIPE.
@globalActor
package actor MainLoop {
    package static let shared = MainLoop()

    private nonisolated let executor = LoopExecutor()

    private init() { executor.start() }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Has the loop run `body` soon. Unlike tasks, posts of one thread run in that thread's order.
    package nonisolated static func post(_ body: @escaping @MainLoop () -> Void) {
        shared.executor.enqueue(body)
    }

    /// Runs `operation` at once, where C has called us on the loop; on any other thread it traps.
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

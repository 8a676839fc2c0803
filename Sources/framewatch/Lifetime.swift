// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Telemetry

/// From a service's first line to its last, which a signal, a complaint or itself brings about.
@MainLoop
final class Lifetime {
    enum End {
        case signal(TerminationSignal)
        /// It has done its job.
        case finished
        case complaint(Complaint)
    }

    let journal: Journal
    private let ends: AsyncStream<End>
    private let ending: AsyncStream<End>.Continuation
    private var signals: TerminationSignals?

    init(_ configuration: Configuration) throws(Complaint) {
        journal = try Journal(configuration)
        (ends, ending) = AsyncStream.makeStream()
    }

    /// The first end counts.
    func end(_ end: End) { ending.yield(end) }

    /// Runs until it is told to end, which may be before everything has started.
    func go(
        start: @escaping @MainLoop () async throws(Complaint) -> Void, close: @MainLoop () async -> Void
    ) async throws(Complaint) {
        defer { journal.finish() }
        signals = TerminationSignals { [ending] in ending.yield(.signal($0)) }
        LibraryLog.capture { [journal] in journal.report(.service(.libraryWarned(domain: $0, $1))) }
        journal.report(.service(.started(version: Framewatch.version)))
        let starting = Task {
            do throws(Complaint) { try await start() } catch { end(.complaint(error)) }
        }
        defer { starting.cancel() }
        var reason = End.finished
        for await end in ends.prefix(1) { reason = end }
        if case .signal(let signal) = reason { journal.report(.service(.stopping(signal: signal.name))) }
        await close()
        if case .complaint(let complaint) = reason { throw complaint }
    }
}

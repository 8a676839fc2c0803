// SPDX-License-Identifier: Apache-2.0

import Camera
import Glibc
import MainLoop
import Media
import Signaling
import Sockets
import Telemetry

/// `framewatch camera`: composed from its options, until its video or a signal ends it.
@MainLoop
final class CameraService {
    private let options: CameraOptions
    private let journal: Journal
    private var driver: PhoneDriver?
    private var line: RelayLink?
    private var signals: TerminationSignals?

    private enum End {
        case signal(TerminationSignal)
        case driver(PhoneDriver.End)
        case complaint(Complaint)
    }

    init(_ options: CameraOptions) throws(Complaint) {
        self.options = options
        journal = try Journal(options.configuration)
    }

    /// Plays until it is told to stop, which may be before everything is there.
    func run() async throws(Complaint) {
        defer { journal.finish() }
        let journal = journal
        let (ends, end) = AsyncStream.makeStream(of: End.self)
        signals = TerminationSignals { end.yield(.signal($0)) }
        LibraryLog.capture { journal.report(.service(.libraryWarned(domain: $0, $1))) }
        journal.report(.service(.started(version: Framewatch.version)))
        let starting = Task {
            do throws(Complaint) {
                try await start { end.yield(.driver($0)) }
            } catch {
                end.yield(.complaint(error))
            }
        }
        defer { starting.cancel() }
        var complaint: Complaint?
        for await end in ends.prefix(1) { complaint = conclude(end) }
        line?.stop()
        await driver?.close(within: .seconds(3))
        if let complaint { throw complaint }
    }

    private func start(end: @escaping @MainLoop (PhoneDriver.End) -> Void) async throws(Complaint) {
        let relay = try options.joinedRelay()
        try await Service.startMedia()
        guard !Task.isCancelled else { return }
        let name = options.name
        do throws(MediaError) {
            driver = try PhoneDriver(
                options.video, options.driver,
                send: { [weak self] in self?.line?.send($0) },
                report: { [journal] in journal.report(.camera($0), camera: name.description) },
                end: end)
        } catch {
            throw Complaint(error.description)
        }
        line = RelayLink.line(to: relay, as: RelayAddress(.camera, of: name), journal: journal) { [weak self] in
            switch $0 {
            case .up: self?.driver?.joined()
            case .received(let text): self?.driver?.received(text)
            case .down: self?.driver?.left()
            }
        }
    }

    private func conclude(_ end: End) -> Complaint? {
        switch end {
        case .signal(let signal): journal.report(.service(.stopping(signal: signal.name)))
        case .driver(.clipEnded): break
        case .driver(.videoFailed(let why)): return Complaint(why)
        case .driver(.died):
            journal.finish()
            _exit(1)
        case .complaint(let complaint): return complaint
        }
        return nil
    }
}

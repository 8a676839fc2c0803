// SPDX-License-Identifier: Apache-2.0

import Glibc
import MainLoop
import Media
import Phone
import Signaling

/// `framewatch camera`: composed from its options; its video or a signal ends it.
@MainLoop
final class CameraService {
    private let options: CameraOptions
    private let life: Lifetime
    private var driver: PhoneDriver?

    init(_ options: CameraOptions) throws(Complaint) {
        self.options = options
        life = try Lifetime(options.configuration)
    }

    /// Plays until it is told to stop.
    func run() async throws(Complaint) {
        try await life.go { () throws(Complaint) in
            try await self.start()
        } close: {
            await driver?.close(within: .seconds(3))
        }
    }

    private func start() async throws(Complaint) {
        let relay = try options.joinedRelay()
        try await Service.startMedia()
        guard !Task.isCancelled else { return }
        let journal = life.journal
        do throws(MediaError) {
            driver = try PhoneDriver(
                options.name, options.video, options.driver,
                over: { [configuration = options.configuration] in
                    relay.line(as: RelayAddress(.camera, of: $0), configuration, journal, $1)
                },
                report: { [name = options.name] in journal.report(.camera($0), camera: name) },
                end: { [weak self] in self?.ended($0) })
        } catch {
            throw Complaint(error.description)
        }
    }

    private func ended(_ end: PhoneDriver.End) {
        switch end {
        case .clipEnded: life.end(.finished)
        case .videoFailed(let why): life.end(.complaint(Complaint(why)))
        // As if killed: nothing is torn down, and nobody is told.
        case .died:
            life.journal.finish()
            _exit(1)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Media
import RelayClient
import Signaling
import Telemetry
import Timing
import Watchdog

/// Receives many cameras side by side, none of which disturbs another.
@MainLoop
package final class Station {
    package typealias Report = @MainLoop (ReceiverEvent, _ camera: String) -> Void

    package struct Settings: Sendable {
        package var policy = FrameWatchdog.Policy()
        package var codecs = VideoCodec.allCases
        package var peer = PeerConfiguration()
        /// What relays know us by, from socket to socket.
        package var sessionName = ""
        package var maxCameras = 64

        package init() {}
    }

    /// With so many teardowns that hang the process has lost too many threads to go on.
    static let mostLateTeardowns = 8

    private let settings: Settings
    private let open: LineOpener
    private let isConnected: (CameraName) -> Bool
    private let report: Report
    private let exhausted: () -> Void
    private var drivers: [CameraName: StreamDriver] = [:]
    private var openPeers = 0
    private var lateTeardowns: Set<LateTeardown> = []
    private var roster: Roster
    private var deadline: Deadline?
    private var isClosing = false
    private var closing: FirstAnswer<Void>?

    private struct LateTeardown: Hashable {
        let camera: String
        let session: Int
    }

    /// GStreamer must have been started. `isConnected` says whether a camera is at the relay, as far as one knows;
    /// `exhausted` is called when only a new process helps.
    package init(
        _ settings: Settings, over open: @escaping LineOpener,
        isConnected: @escaping @MainLoop (CameraName) -> Bool = { _ in true }, report: @escaping Report,
        exhausted: @escaping @MainLoop () -> Void
    ) {
        self.settings = settings
        self.open = open
        self.isConnected = isConnected
        self.report = report
        self.exhausted = exhausted
        roster = Roster(limit: settings.maxCameras)
        deadline = Deadline { [weak self] in self?.lookAgain() }
    }

    /// Receives this camera from now on.
    package func watch(_ camera: CameraName) {
        guard drivers[camera] == nil, !isClosing else { return }
        let lastSigns = drivers.map { ($0, Roster.Sign(at: $1.lastSign, isConnected: isConnected($0))) }
        let signs = Dictionary(uniqueKeysWithValues: lastSigns)
        let verdict = roster.verdict(on: camera, beside: signs, at: MainLoop.now)
        deadline?.arm(at: roster.nextDeadline)
        switch verdict {
        case .admitted: break
        case .admittedInsteadOf(let other): letGo(other)
        case .refused: return report(.tooManyCameras(limit: settings.maxCameras), camera.description)
        }
        drivers[camera] = StreamDriver(camera, settings, over: open) { [weak self] in
            self?.happened($0, to: camera.description)
        }
    }

    private func letGo(_ camera: CameraName) {
        drivers.removeValue(forKey: camera)?.close()
        report(.letGo, camera.description)
    }

    private func lookAgain() {
        for camera in roster.takeRefused(at: MainLoop.now) where isConnected(camera) { watch(camera) }
        deadline?.arm(at: roster.nextDeadline)
    }

    package func readings(at now: Instant) -> [(camera: String, StreamReading)] {
        drivers.map { ($0.key.description, $0.value.reading(at: now)) }
    }

    /// Lets all cameras go, and waits for their peers to be torn down, or until `limit` has passed.
    package func close(within limit: Duration) async {
        isClosing = true
        for driver in drivers.values { driver.close() }
        drivers = [:]
        guard openPeers > 0 else { return }
        await withCheckedContinuation { done in
            closing = FirstAnswer(within: limit) { _ in done.resume() }
        }
    }

    private func happened(_ event: ReceiverEvent, to camera: String) {
        report(event, camera)
        switch event {
        case .peerOpened: openPeers += 1
        case .peerClosed(let session, _):
            openPeers -= 1
            lateTeardowns.remove(LateTeardown(camera: camera, session: session))
            if openPeers == 0 { closing?.give(()) }
        case .peerClosingLate(let session):
            lateTeardowns.insert(LateTeardown(camera: camera, session: session))
            if lateTeardowns.count >= Station.mostLateTeardowns { exhausted() }
        default: break
        }
    }
}

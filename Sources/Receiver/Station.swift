// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Media
import RelayClient
import Signaling
import Telemetry
import Text
import Timing
import Watchdog

/// Receives many cameras side by side, none of which disturbs another.
@MainLoop
package final class Station {
    package typealias Report = @MainLoop (ReceiverEvent, _ camera: CameraName) -> Void

    package struct Settings: Sendable {
        /// What relays know us by, from socket to socket.
        package var sessionName = ""
        package var maxCameras = 64
        /// Whether a fresh connection had been asked for when the run before ended.
        package var isOverdue: @Sendable (CameraName) -> Bool = { _ in false }
        package var reception: @Sendable (CameraName) -> Reception = { _ in Reception() }

        package init() {}
    }

    /// How one camera is received.
    package struct Reception: Sendable {
        package var policy = FrameWatchdog.Policy()
        package var codecs = VideoCodec.allCases
        package var peer = PeerConfiguration()

        package init() {}
    }

    private let settings: Settings
    private let open: LineOpener
    private let isConnected: (CameraName) -> Bool
    private let report: Report
    private let peers: OpenPeers
    private var receivers: [CameraName: CameraReceiver<PhoneSource>] = [:]
    private var roster: Roster
    private var deadline: Deadline?
    private var isClosing = false

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
        peers = OpenPeers(exhausted: exhausted)
        roster = Roster(limit: settings.maxCameras)
        deadline = Deadline { [weak self] in self?.lookAgain() }
    }

    /// Receives this camera from now on.
    package func watch(_ camera: CameraName) {
        guard receivers[camera] == nil, !isClosing else { return }
        let lastSigns = receivers.map { ($0, Roster.Sign(at: $1.lastSign, isConnected: isConnected($0))) }
        let signs = Dictionary(uniqueKeysWithValues: lastSigns)
        let verdict = roster.judge(camera, beside: signs, at: MainLoop.now)
        deadline?.arm(at: roster.nextDeadline)
        switch verdict {
        case .admitted: break
        case .admittedInsteadOf(let other): letGo(other)
        case .refused: return report(.tooManyCameras(limit: settings.maxCameras), camera)
        }
        receivers[camera] = receiver(of: camera)
    }

    private func receiver(of camera: CameraName) -> CameraReceiver<PhoneSource> {
        let own = settings.reception(camera)
        let report = { @MainLoop [report] event in report(event, camera) }
        let talk = ViewerConversation(
            name: settings.sessionName, preferring: own.codecs, isOverdue: settings.isOverdue(camera))
        return CameraReceiver(own.policy, talk, report: report) { [open, peers] tap, stream, hear in
            PhoneSource(camera, own.peer, feeding: tap, stream, over: open, among: peers, report: report, hear: hear)
        }
    }

    private func letGo(_ camera: CameraName) {
        receivers.removeValue(forKey: camera)?.close()
        report(.letGo, camera)
    }

    private func lookAgain() {
        for camera in roster.takeRefused(at: MainLoop.now) where isConnected(camera) { watch(camera) }
        deadline?.arm(at: roster.nextDeadline)
    }

    package func readings(at now: Instant) -> [(camera: CameraName, StreamReading)] {
        receivers.map { ($0.key, $0.value.reading(at: now)) }
    }

    /// Lets all cameras go, and waits for their peers to be torn down, or until `limit` has passed.
    package func close(within limit: Duration) async {
        isClosing = true
        for receiver in receivers.values { receiver.close() }
        receivers = [:]
        await peers.allClosed(within: limit)
    }
}

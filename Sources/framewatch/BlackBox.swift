// SPDX-License-Identifier: Apache-2.0

import Host
import Incidents
import MainLoop
import Receiver
import Telemetry
import Text
import Timing

/// Keeps in the state directory what flight recorders make of what happens, and what is counted of each camera.
///
/// It listens to the journal and looks at the streams once a second while they flow; nothing steers by it.
@MainLoop
final class BlackBox {
    private static let lookEvery = Duration.seconds(1)
    /// How old the number of frames in the file may be.
    private static let saveEvery = Duration.seconds(60)

    private let state: StateDirectory
    private let number: Int
    private let journal: Journal
    private let station: Station
    private let keeper: FileKeeper
    private var sessions: Sessions
    private var recorders: [CameraName: FlightRecorder] = [:]
    private var look: Deadline?
    private var isLooking = false
    private var save: Deadline?
    private var isSaving = false
    private var isOver = false

    /// `sessions` are those that the file of this receiver's number had.
    init(_ state: StateDirectory, receiver number: Int, _ sessions: Sessions, _ journal: Journal, _ station: Station) {
        self.state = state
        self.number = number
        self.sessions = sessions
        self.journal = journal
        self.station = station
        keeper = FileKeeper { [journal] in journal.report(.service($0.event)) }
        look = Deadline { [weak self] in self?.lookAtStreams() }
        save = Deadline { [weak self] in self?.saveSessions() }
        journal.listen { [weak self] in self?.hear($0) }
        // Another receiver may be at work on its own.
        if number == 1 { keeper.enqueue { [state] () throws(GLibError) in try state.removeDrafts() } }
    }

    /// Writes what there is, and waits a moment for that. Nothing is heard any more.
    func finish() {
        let now = MainLoop.now
        for camera in recorders.keys { update(camera) { $0.finish(.stopped, at: now) } }
        saveSessions()
        isOver = true
        (look, save) = (nil, nil)
        keeper.drain(atMost: .seconds(1))
    }

    private func hear(_ record: Record) {
        guard let camera = record.camera, !isOver else { return }
        let now = MainLoop.now
        if recorders[camera] == nil {
            // Anybody can knock at the relay under any name.
            guard case .receiver(let event) = record.event, event.isOfReceivedCamera else { return }
            recorders[camera] = FlightRecorder(camera, continuing: sessions[camera])
        }
        update(camera) { $0.handle(record.event, at: now, record.time) }
        if record.event == .receiver(.letGo) {
            update(camera) { $0.finish(.letGo, at: now) }
            recorders[camera] = nil
        } else if !isLooking {
            isLooking = true
            look?.arm(at: now + BlackBox.lookEvery)
        }
    }

    private func lookAtStreams() {
        let now = MainLoop.now
        for (camera, reading) in station.readings(at: now) where recorders[camera] != nil {
            update(camera) { $0.take(reading, at: now) }
        }
        isLooking = recorders.values.contains { $0.isWatching(at: now) }
        if isLooking { look?.arm(at: now + BlackBox.lookEvery) }
    }

    private func update(_ camera: CameraName, _ work: (inout FlightRecorder) -> [FlightRecorder.Report]) {
        guard var recorder = recorders[camera] else { return }
        let before = recorder.totals
        let reports = work(&recorder)
        recorders[camera] = recorder
        sessions.note(recorder.totals, of: camera)
        for report in reports {
            keeper.enqueue { [state] () throws(GLibError) in try state.keep(report.incident) }
            if let cure = report.cure { journal.report(.receiver(cure), camera: camera) }
        }
        if recorder.totals.differsInMoreThanFrames(from: before) {
            saveSessions()
        } else if recorder.totals != before && !isSaving {
            isSaving = true
            save?.arm(at: MainLoop.now + BlackBox.saveEvery)
        }
    }

    private func saveSessions() {
        isSaving = false
        save?.arm(at: nil)
        keeper.enqueue { [state, number, sessions] () throws(GLibError) in
            try state.keep(sessions, ofReceiver: number)
        }
    }
}

extension FileKeeper.News {
    fileprivate var event: ServiceEvent {
        switch self {
        case .failing(let why): .stateNotKept(why: why)
        case .keepingAgain(let lost): .stateKeptAgain(lost: lost)
        }
    }
}

extension ReceiverEvent {
    fileprivate var isOfReceivedCamera: Bool {
        switch self {
        case .tooManyCameras, .letGo, .peerClosed, .peerClosingLate: false
        default: true
        }
    }
}

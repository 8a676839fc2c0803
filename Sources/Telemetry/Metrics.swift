// SPDX-License-Identifier: Apache-2.0

import Text
import Timing

/// What a scrape gets: counts of the recorded events, and the latest readings.
///
/// A label is a `Code` or one of at most `maxCameras` names, so that no outsider can make a scrape grow without bound.
package struct Metrics: Sendable {
    package static let maxCameras = 256
    /// The label of all further cameras' events.
    static let otherCameras = "other"

    private var cameras: Set<CameraName> = []
    /// By the values of their labels.
    private var numbers: [MetricFamily: [[String]: Double]] = [:]
    private var histograms: [MetricFamily: [[String]: DurationHistogram]] = [:]

    /// Counts that rates are taken of start at nought: a series that appeared at one would hide its first event.
    package init() {
        add(0, to: .relayReconnects)
        add(0, to: .relayReconnectsMerged)
        add(0, to: .relayPicturesDropped)
        for role in ["camera", "viewer"] { add(0, to: .relayPeers, [role]) }
    }

    /// The text of a scrape, in Prometheus' format 0.0.4.
    package func text() -> String {
        var text = PrometheusText()
        for (family, samples) in numbers.sorted(by: { $0.key.name < $1.key.name }) { text.write(family, samples) }
        for (family, samples) in histograms.sorted(by: { $0.key.name < $1.key.name }) { text.write(family, samples) }
        return text.text
    }

    package mutating func record(_ event: Event, camera: CameraName?) {
        switch event {
        case .receiver(let event): record(event, camera: camera)
        case .relay(let event): record(event)
        case .service(let event): record(event)
        // Our own camera is for tests, and is not scraped.
        case .camera: break
        }
    }

    /// Takes the latest readings of a camera's stream, if it has a label of its own.
    package mutating func take(_ reading: StreamReading, of camera: CameraName) {
        guard let camera = ownLabel(for: camera) else { return }
        numbers[.frames, default: [:]][[camera]] = Double(reading.frames)
        numbers[.fps, default: [:]][[camera]] = reading.fps
        numbers[.lastFrameAge, default: [:]][[camera]] = reading.lastFrameAge?.inSeconds
        histograms[.frameIntervals, default: [:]][[camera]] = reading.intervals
    }

    // MARK: - What is counted of which event

    private mutating func record(_ event: ReceiverEvent, camera: CameraName?) {
        switch event {
        case .firstFrame(let wait): observe(wait, in: .timeToFirstFrame, [label(for: camera)])
        case .dead(let silence):
            add(1, to: .stalls, [label(for: camera)])
            observe(silence, in: .detection, [label(for: camera)])
        case .reconnectRequested(let reason): add(1, to: .reconnectRequests, [label(for: camera), reason.text])
        case .recovered(let silence): observe(silence, in: .recovery, [label(for: camera)])
        case .cured(let cause, let remedy): add(1, to: .cures, [label(for: camera), cause.text, remedy.text])
        case .reconnectFailed: add(1, to: .reconnectFailures, [label(for: camera)])
        case .offerRefused(let why, _): add(1, to: .offersRefused, [label(for: camera), why.text])
        case .peerFailed(let why, _): add(1, to: .peerFailures, [label(for: camera), why.text])
        // A camera's counts begin with it.
        case .offerReceived: _ = ownLabel(for: camera)
        case .letGo: forget(camera)
        // The readings are exact; the event comes only every 60 frames.
        case .frames: break
        case .silent, .closingPeer, .creatingPeer, .nobodyToAsk, .awaitingReconnect, .answerSent, .videoRests,
            .connectionState,
            .iceState, .retryScheduled, .gaveUp, .paused, .resumed, .picturesOnly, .waiting, .watchingAgain,
            .peerOpened, .peerGone, .streamFault, .refusalExplained, .peerClosed, .peerClosingLate, .candidateDropped,
            .messageIgnored, .tooManyCameras:
            break
        }
    }

    private mutating func record(_ event: RelayEvent) {
        switch event {
        case .connected(let peer): add(1, to: .relayPeers, [peer.role.text])
        case .disconnected(let peer): add(-1, to: .relayPeers, [peer.role.text])
        case .reconnectRelayed: add(1, to: .relayReconnects)
        case .reconnectMerged: add(1, to: .relayReconnectsMerged)
        case .signalingRelayed(let kind, let peer): add(1, to: .relayMessages, [peer.role.text, kind.text])
        case .messageDropped(_, let why, _, _): add(1, to: .relayMessagesDropped, [why.text])
        case .picturesDropped(_, let count): add(Double(count), to: .relayPicturesDropped)
        case .peerClosed(_, _, let why): add(1, to: .relayPeersClosed, [why.text])
        case .admissionRefused(_, let why, _): add(1, to: .relayConnectionsRefused, [why.text])
        case .uploadDropped: add(1, to: .relayConnectionsRefused, ["upload"])
        case .viewerPromoted, .offerUnanswered, .cameraDisplaced, .commandSent: break
        }
    }

    private mutating func record(_ event: ServiceEvent) {
        switch event {
        case .started(let version): numbers[.buildInfo] = [[version]: 1]
        case .configurationNoted, .listening, .cameraPageServed, .relayJoined, .relayLost, .relayAwaited,
            .libraryWarned, .stateNotKept, .stateKeptAgain, .stateSetAside, .stopping:
            break
        }
    }

    // MARK: - Samples

    private mutating func add(_ difference: Double, to family: MetricFamily, _ labels: [String] = []) {
        numbers[family, default: [:]][labels, default: 0] += difference
    }

    private mutating func observe(_ duration: Duration, in family: MetricFamily, _ labels: [String]) {
        histograms[family, default: [:]][labels, default: DurationHistogram(bounds: family.buckets)].record(duration)
    }

    private mutating func label(for camera: CameraName?) -> String { ownLabel(for: camera) ?? Metrics.otherCameras }

    /// Its place is another's now.
    private mutating func forget(_ camera: CameraName?) {
        guard let name = camera.flatMap({ cameras.remove($0)?.description }) else { return }
        for (family, samples) in numbers where family.labels.first == "camera" {
            numbers[family] = samples.filter { $0.key.first != name }
        }
        histograms = histograms.mapValues { $0.filter { $0.key.first != name } }
    }

    private mutating func ownLabel(for camera: CameraName?) -> String? {
        guard let camera else { return nil }
        let label = camera.description
        if cameras.contains(camera) { return label }
        guard cameras.count < Metrics.maxCameras else { return nil }
        cameras.insert(camera)
        add(0, to: .stalls, [label])
        add(0, to: .reconnectFailures, [label])
        return label
    }
}

/// A stream's numbers at the time of a scrape.
package struct StreamReading: Equatable, Sendable {
    package let frames: Int
    package let fps: Double
    package let lastFrameAge: Duration?
    package let intervals: DurationHistogram

    package init(frames: Int, fps: Double, lastFrameAge: Duration?, intervals: DurationHistogram) {
        self.frames = frames
        self.fps = fps
        self.lastFrameAge = lastFrameAge
        self.intervals = intervals
    }
}

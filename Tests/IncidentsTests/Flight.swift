// SPDX-License-Identifier: Apache-2.0

import Telemetry
import Text
import Timing

@testable import Incidents

/// A recorder and a stream of 30 frames a second, in virtual time.
struct Flight {
    static let start = WallTime(secondsSince1970: 1_795_182_600, nanoseconds: 123_456_789, utcOffset: 3600)

    private(set) var recorder: FlightRecorder
    private(set) var reports: [FlightRecorder.Report] = []
    private var now = Instant(sinceOrigin: .seconds(1000))
    private var frames = 0
    private var lastFrame: Instant?
    private var flows = false

    var incidents: [Incident] { reports.map(\.incident) }

    init(continuing totals: Totals = Totals()) { recorder = FlightRecorder(.default, continuing: totals) }

    /// Frames come from now on.
    mutating func flow() {
        flows = true
        lastFrame = now
        frames += 1
    }

    mutating func stop() { flows = false }

    /// Lets time pass, with a sample each second.
    mutating func pass(_ seconds: Int) {
        for _ in 0..<seconds {
            now += .seconds(1)
            if flows { (frames, lastFrame) = (frames + 30, now) }
            let reading = StreamReading(
                frames: frames, fps: flows ? 30 : 0, lastFrameAge: lastFrame.map { $0.duration(to: now) },
                intervals: DurationHistogram(bounds: []))
            reports += recorder.take(reading, at: now)
        }
    }

    mutating func tell(_ events: ReceiverEvent...) {
        for event in events { reports += recorder.handle(.receiver(event), at: now, Flight.start) }
    }

    mutating func tell(_ event: Event) { reports += recorder.handle(event, at: now, Flight.start) }

    mutating func finish(_ ending: Incident.Ending) { reports += recorder.finish(ending, at: now) }

    /// Frames, and then the silence that is reported at 5 s.
    mutating func fallSilent(after seconds: Int = 10) {
        flow()
        pass(seconds)
        stop()
        pass(5)
        tell(.silent(.seconds(5), failure: 1))
    }

    /// The death and the first request.
    mutating func die() {
        pass(5)
        tell(.dead(after: .seconds(10)), .closingPeer, .creatingPeer, .reconnectRequested("silence"))
    }
}

// SPDX-License-Identifier: Apache-2.0

import Host
import MainLoop
import Telemetry
import Text

/// Where all events come together, to be counted at once, folded, and written as lines.
@MainLoop
final class Journal {
    private(set) var metrics = Metrics()
    private var format: LineFormat
    private var folding = Folding()
    private let writer: LineWriter
    private var deadline: Deadline?
    private var listener: ((Record) -> Void)?
    /// The first camera's name; lines name their camera once there is a second.
    private var camera: CameraName?

    init(_ format: LineFormat, writer: LineWriter) {
        self.format = format
        self.writer = writer
        deadline = Deadline { [weak self] in self?.tick() }
    }

    /// As it is configured.
    convenience init(_ configuration: Configuration) throws(Complaint) {
        var format = LineFormat()
        format.face = configuration.logFormat
        format.threshold = configuration.logLevel
        if configuration.cameras.count > 1 { format.cameraNames = .shown }
        do throws(LineWriter.Failure) {
            self.init(format, writer: try LineWriter(path: configuration.logFile))
        } catch {
            throw Complaint(error.description)
        }
    }

    /// Takes in an event, of `camera` if it concerns one.
    func report(_ event: Event, camera: CameraName? = nil) {
        metrics.record(event, camera: camera)
        if let camera, camera != self.camera, event.isOfCamera {
            if self.camera == nil { self.camera = camera } else { format.cameraNames = .shown }
        }
        let record = Record(event, camera: camera, at: .now)
        write(folding.handle(record, at: MainLoop.now))
        listener?(record)
    }

    /// Has `listener` told of every event, too.
    func listen(_ listener: @escaping @MainLoop (Record) -> Void) { self.listener = listener }

    /// Takes the numbers of a camera's stream for the next scrape.
    func take(_ reading: StreamReading, of camera: CameraName) { metrics.take(reading, of: camera) }

    /// Writes what folding holds back, and waits a moment for that.
    func finish() {
        write(folding.finish())
        writer.drain(atMost: .seconds(1))
    }

    private func tick() { write(folding.tick(at: MainLoop.now)) }

    private func write(_ records: [Record]) {
        for record in records {
            if let line = format.line(for: record) { writer.write(line) }
        }
        deadline?.arm(at: folding.nextDeadline)
    }
}

extension WallTime {
    static var now: WallTime {
        let time = WallClock.now
        return WallTime(secondsSince1970: time.seconds, nanoseconds: time.nanoseconds, utcOffset: time.utcOffset)
    }
}

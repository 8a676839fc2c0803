// SPDX-License-Identifier: Apache-2.0

import Telemetry
import Text
import Timing

/// Records one camera's stream, and makes an incident of each episode without frames.
///
/// The rules:
///
/// 1. The last `span` of events and of samples, one a second, is kept at any time.
/// 2. An episode begins with the first report of silence, or with the first attempt to get a fresh connection. Its cause
///    is that of the first attempt, and silence where there was none.
/// 3. Without an attempt frames that come are its recovery; with one the watchdog says that it has recovered. It ends
///    `aftermath` later, as the next trouble begins, or as the camera is given up, let go, or paused.
/// 4. What helped is a fresh connection if it was asked for, offered after that, and has brought the frames. Otherwise it
///    was none of our doing.
/// 5. Of a long episode its incident has the first and the last `span`, and the one before the first in any case.
///
/// Nothing steers by it.
package struct FlightRecorder: Sendable {
    package static let span = Duration.seconds(120)
    package static let aftermath = Duration.seconds(5)
    static let mostEvents = 400
    static let mostAttempts = 100

    /// An episode that is over.
    package struct Report: Equatable, Sendable {
        package let incident: Incident
        /// What log and metrics are told, if something has helped.
        package let cure: ReceiverEvent?
    }

    private let camera: CameraName
    package private(set) var totals: Totals
    private let framesBefore: Int
    private var samples = Ring<Incident.Sample>(span: span, capacity: Int(span.wholeSeconds) + 1)
    private var events = Ring<Incident.Happening>(span: span, capacity: mostEvents)
    private var lastFrame: Instant?
    private var episode: Episode?

    /// `totals` are those of the runs before.
    package init(_ camera: CameraName, continuing totals: Totals) {
        self.camera = camera
        self.totals = totals
        framesBefore = totals.frames
    }

    /// Whether there is anything to be seen by looking again in a second.
    package func isWatching(at now: Instant) -> Bool {
        episode?.recovery != nil || lastFrame.map { now <= $0 + FlightRecorder.span } ?? false
    }

    /// Takes in what happened, and returns an episode that is over with that.
    package mutating func handle(_ event: Event, at now: Instant, _ time: WallTime) -> [Report] {
        var reports = tick(at: now)
        let sign = event.sign
        if sign?.isTrouble == true {
            if episode?.recovery != nil { reports += end(.recovered, at: now) }
            if episode == nil { begin(sign?.silence, at: now, time) }
        }
        if event.isRecorded { note(Incident.Happening(event.entry), at: now) }
        switch sign {
        case .silence, nil: break
        case .asked(let cause, let remedy): asked(cause, remedy, at: now)
        case .offer: episode?.offered = now
        case .firstFrame: if episode?.offered != nil { episode?.firstFrame = now }
        case .recovery(let silence): recovered(after: silence, at: now)
        case .surrender:
            reports += end(.gaveUp, at: now)
            totals.attempts = 0
        case .pause: if episode?.isAsking == false { reports += end(.paused, at: now) }
        }
        return reports
    }

    /// Takes in the stream's numbers.
    package mutating func take(_ reading: StreamReading, at now: Instant) -> [Report] {
        totals.frames = framesBefore + reading.frames
        guard let age = reading.lastFrameAge else { return tick(at: now) }
        let lastFrame = now - age
        self.lastFrame = lastFrame
        if isWatching(at: now) { note(Incident.Sample(reading), at: now) }
        if let episode {
            if !episode.isAsking && lastFrame > episode.began {
                recovered(after: episode.silentSince.duration(to: lastFrame), at: now)
            }
        } else if totals.attempts > 0 && age < .seconds(1) {
            // What was asked for in the run before has come.
            totals.attempts = 0
        }
        return tick(at: now)
    }

    /// Ends an episode that is none of this camera's any more, or of this run.
    package mutating func finish(_ ending: Incident.Ending, at now: Instant) -> [Report] {
        if ending == .letGo { totals.attempts = 0 }
        return end(episode?.recovery == nil ? ending : .recovered, at: now)
    }

    // MARK: - An episode

    fileprivate struct Episode {
        let began: Instant
        let time: WallTime
        /// When the last frame came, or would have been the first.
        let silentSince: Instant
        /// From `span` before it began until `span` after that.
        var samples: Ring<Incident.Sample>
        var events: Ring<Incident.Happening>
        var cause: Code?
        var isAsking = false
        var attempts: Int
        var tried: [(at: Instant, remedy: Code)] = []
        /// The latest offer since it began, and the first frame that came of one.
        var offered: Instant?
        var firstFrame: Instant?
        var recovery: (at: Instant, silence: Duration)?
    }

    private mutating func begin(_ silence: Duration?, at now: Instant, _ time: WallTime) {
        samples.forget(at: now)
        events.forget(at: now)
        let silentSince = silence.map { now - $0 } ?? min(lastFrame ?? now, now)
        episode = Episode(
            began: now, time: time.inMilliseconds, silentSince: silentSince, samples: samples.doubled,
            events: events.doubled, attempts: totals.attempts)
    }

    private mutating func note(_ sample: Incident.Sample, at now: Instant) {
        samples.append(sample, at: now)
        if isEarly(at: now) { episode?.samples.append(sample, at: now) }
    }

    private mutating func note(_ happening: Incident.Happening, at now: Instant) {
        events.append(happening, at: now)
        if isEarly(at: now) { episode?.events.append(happening, at: now) }
    }

    private func isEarly(at now: Instant) -> Bool {
        episode.map { now <= $0.began + FlightRecorder.span } ?? false
    }

    private mutating func asked(_ cause: Code, _ remedy: Code?, at now: Instant) {
        totals.attempts += 1
        if remedy != nil { totals.requests += 1 }
        guard var episode else { return }
        episode.cause = episode.cause ?? cause
        episode.isAsking = true
        episode.attempts += 1
        if let remedy { episode.tried.append((now, remedy)) }
        episode.tried.removeFirst(max(episode.tried.count - FlightRecorder.mostAttempts, 0))
        self.episode = episode
    }

    private mutating func recovered(after silence: Duration, at now: Instant) {
        guard episode != nil, episode?.recovery == nil else { return }
        episode?.recovery = (now, silence)
        totals.recoveries += 1
        totals.attempts = 0
    }

    private mutating func tick(at now: Instant) -> [Report] {
        guard let recovery = episode?.recovery, recovery.at + FlightRecorder.aftermath <= now else { return [] }
        return end(.recovered, at: now)
    }

    private mutating func end(_ ending: Incident.Ending, at now: Instant) -> [Report] {
        guard let episode else { return [] }
        self.episode = nil
        totals.incidents += 1
        let cause = episode.cause ?? "silence"
        let remedy = ending == .recovered ? episode.remedy : nil
        let silence = episode.recovery?.silence ?? episode.silentSince.duration(to: now)
        func after(_ instant: Instant) -> Double {
            episode.began.duration(to: instant).inSeconds.rounded(toOneIn: 1000)
        }
        let incident = Incident(
            camera: camera, began: episode.time, cause: cause.text, ending: ending, remedy: remedy?.text,
            secondsWithoutFrames: silence.inSeconds.rounded(toOneIn: 1000), attempts: episode.attempts,
            tried: episode.tried.map { .init(at: after($0.at), remedy: $0.remedy.text) },
            samples: samples.continuing(episode.samples).map { $0.element.dated(after($0.at)) },
            events: events.continuing(episode.events).map { $0.element.dated(after($0.at)) })
        return [Report(incident: incident, cure: remedy.map { .cured(cause, by: $0) })]
    }
}

extension FlightRecorder.Episode {
    /// What brought the frames back.
    fileprivate var remedy: Code {
        // The first frame's news may come a moment after the watchdog has seen it.
        guard let offered, let asked = tried.last(where: { $0.at <= offered }), let firstFrame, let recovery,
            firstFrame <= recovery.at + .seconds(1)
        else { return "by itself" }
        return asked.remedy
    }
}

extension Incident.Sample {
    /// It is dated later.
    fileprivate init(_ reading: StreamReading) {
        at = 0
        frames = reading.frames
        fps = reading.fps.isFinite ? reading.fps.rounded(toOneIn: 10) : 0
        age = (reading.lastFrameAge ?? .zero).inSeconds.rounded(toOneIn: 1000)
    }

    fileprivate func dated(_ at: Double) -> Self {
        var dated = self
        dated.at = at
        return dated
    }
}

extension Incident.Happening {
    /// It is dated later. What an outsider wrote is short in a message.
    fileprivate init(_ entry: Entry) { (at, event, message) = (0, entry.name, entry.message.text) }

    fileprivate func dated(_ at: Double) -> Self {
        var dated = self
        dated.at = at
        return dated
    }
}

extension WallTime {
    /// As a file's name has it.
    fileprivate var inMilliseconds: WallTime {
        WallTime(
            secondsSince1970: secondsSince1970, nanoseconds: nanoseconds / 1_000_000 * 1_000_000, utcOffset: utcOffset)
    }
}

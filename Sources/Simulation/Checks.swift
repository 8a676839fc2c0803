// SPDX-License-Identifier: Apache-2.0

import Timing
import Watchdog

/// The single checks.
extension Checker {
    mutating func check(
        _ actions: [FrameWatchdog.Action], after event: FrameWatchdog.Event, peerIsLost: Bool,
        at now: Instant
    ) {
        for action in actions {
            switch action {
            case .reportSilence(let silence, let failure): checkReport(of: silence, failure: failure, at: now)
            case .declareDead(let silence): checkDeath(after: silence, at: now)
            case .attempt(_, let silence):
                checkRequest(after: event, peerIsLost: peerIsLost, silence: silence, at: now)
            case .reportFailure(let attempt): checkFailure(of: attempt, peerIsLost: peerIsLost, at: now)
            case .announceRetry(let wait): checkRetry(in: wait, at: now)
            case .giveUp: expect(false, .persistence, at: now, "no giving up")
            case .reportRecovery: expect(false, .reports, at: now, "no recovery without a frame")
            }
        }
    }

    private mutating func checkReport(of silence: Duration, failure: Int, at now: Instant) {
        let since = books.isWatching ? books.dueSince : nil
        let past = silence - Promise.firstReport
        let due = past < .zero ? 0 : Int(past.components.seconds) / Int(Promise.reportEvery.components.seconds) + 1
        expect(silence < Promise.death, .detection, at: now, "death after 10 s, not one more report")
        expect(
            since?.duration(to: now) == silence && failure == books.reports + 1 && due > books.reportsDue, .reports,
            at: now, "the silence of a stream reported at 5 and 8 s")
        books.reports = failure
        books.reportsDue = due
    }

    private mutating func checkDeath(after silence: Duration, at now: Instant) {
        let since = books.isWatching ? books.dueSince : nil
        expect(
            since?.duration(to: now) == silence && silence >= Promise.death, .detection, at: now,
            "death only where frames were due for 10 s")
        if let since, since >= awakeAt { summary.recordDetection(silence) }
        books.isTroubled = true
        books.dueSince = nil
    }

    private mutating func checkRequest(
        after event: FrameWatchdog.Event, peerIsLost: Bool, silence: Duration, at now: Instant
    ) {
        expect(!takesPhoneForPaused, .restraint, at: now, "no request while the phone says that it is paused")
        expect(!books.isWatching, .restraint, at: now, "no request while frames come")
        expect((books.owedUntil ?? now) <= now, .restraint, at: now, "its time to an offer and its connection")
        expect(!books.isIdle, .restraint, at: now, "no request without need")
        if healthySince != nil { requestsInHealth += 1 }
        expect(requestsInHealth <= 1 || !isPaced, .calm, at: now, "one more request at most")
        if let request = books.request {
            expect(
                !request.isCarried || request.time + Promise.answer <= now, .oneAtATime, at: now,
                "no second request before the first is settled")
        }
        if case .missed = event {
        } else {
            expect((books.retryAt ?? now) <= now, .persistence, at: now, "the announced wait to be over")
        }
        let isFirst = books.rung == 0
        expect(
            !peerIsLost || isFirst || books.retryAt != nil, .persistence, at: now, "a wait before the next attempt"
        )
        expect(silence == books.quietSince.duration(to: now), .reports, at: now, "the silence's true length")
        books.ask(at: now)
        summary.requests += 1
    }

    private mutating func checkFailure(of attempt: Int, peerIsLost: Bool, at now: Instant) {
        let request = books.request?.time ?? .never
        expect(
            request + Promise.answer <= now || (request < .never && peerIsLost), .persistence, at: now,
            "30 s for a request, unless its peer fails")
        let rung = books.rung
        expect(attempt == rung, .persistence, at: now, "failure of attempt \(rung)")
        if let healthySince {
            expect(request < healthySince, .healing, at: now, "frames, for all had been well since the request")
        }
        books.request = nil
    }

    private mutating func checkRetry(in wait: Duration, at now: Instant) {
        let allowed = Promise.wait(after: books.rung)
        expect(
            books.isTroubled && books.request == nil && books.retryAt == nil && allowed.contains(wait), .persistence,
            at: now, "after a failure a wait of \(allowed.lowerBound.text) to \(allowed.upperBound.text)")
        books.retryAt = now + wait
    }

    /// The meter counts all frames, and says so every 60; frames faster than any camera go to the reading before.
    mutating func count(_ reading: FrameMeter.Reading?, at now: Instant) {
        counted += 1
        countedSinceStart += 1
        if readingStart == nil {
            readingStart = now
            countedSinceStart = 0
            lastReading = nil
        }
        if reading == nil && !counted.isMultiple(of: 60) { return }
        expect(
            reading?.total == counted && counted.isMultiple(of: 60), .reports, at: now, "a reading each 60th frame")
        if let reading, let readingStart { check(reading, of: countedSinceStart, since: readingStart, at: now) }
        readingStart = now
        countedSinceStart = 0
    }

    private mutating func check(_ reading: FrameMeter.Reading, of frames: Int, since start: Instant, at now: Instant) {
        let isPlausible = start < now && Double(frames) <= start.duration(to: now).inSeconds * 240
        if isPlausible { lastReading = (start, frames) } else { lastReading?.frames += frames }
        guard let lastReading else { return }
        let fps = Double(lastReading.frames) / lastReading.start.duration(to: now).inSeconds
        expect(abs(reading.fps - fps) <= fps * 1e-9, .reports, at: now, "a reading of \(fps) frames a second")
    }

    /// Acting without end at one spot is no progress either.
    mutating func checkPace(of actions: Int, at now: Instant) {
        if busySince + .seconds(1) <= now {
            busySince = now
            actionsSince = 0
        }
        actionsSince += actions
        expect(actionsSince <= Promise.actionsPerSecond, .progress, at: now, "fewer deeds in a second")
    }

    /// Whatever was owed by now is done; a machine that slept does it on waking.
    mutating func checkDone(at now: Instant) {
        let owed = owed
        expect(
            now <= max(owed.by, awakeAt), owed.property, at: now,
            "it to \(owed.deed) at \(owed.by.clock)")
    }

    /// A deadline is not in the past, except after sleep, and comes in time for what must be done next.
    mutating func checkDeadline(_ deadline: Instant, at now: Instant) {
        expect(now <= max(deadline, awakeAt), .progress, at: now, "no deadline that has passed")
        let next = books.obligation
        expect(
            deadline <= next.by, next.property, at: now, "a deadline in time to \(next.deed) at \(next.by.clock)")
    }

    mutating func expect(
        _ condition: Bool, _ property: Property, at now: Instant, _ expected: @autoclosure () -> String
    ) {
        if condition || violation != nil { return }
        violation = Violation(property: property, time: now, expected: expected())
    }

    /// Words the finding, only once it is known to be wrong.
    mutating func describe(_ event: FrameWatchdog.Event, _ actions: [FrameWatchdog.Action], _ deadline: Instant) {
        guard violation?.found.isEmpty == true else { return }
        let answer = actions.map { "\($0)" }.joined(separator: ", ")
        let next = deadline == .never ? "no deadline" : "deadline \(deadline.clock)"
        violation?.found = "\(event) -> [\(answer)], \(next)"
    }

    /// What must be done next, and by when.
    var nextObligation: Books.Obligation {
        let own = books.obligation
        guard !books.isOver, let healthySince else { return own }
        let healed = max(healthySince, lastNewFrame) + Promise.healing
        return own.by <= healed ? own : Books.Obligation(by: healed, property: .healing, deed: "have frames flow again")
    }
}

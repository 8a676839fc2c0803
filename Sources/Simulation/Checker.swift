// SPDX-License-Identifier: Apache-2.0

import Timing
import Watchdog

/// Holds the watchdog to its promises.
///
/// It sees what the watchdog is told and what it answers, and keeps its own books. Answers are checked against the books
/// as they come; what is owed by a certain time, once that has passed.
struct Checker: Sendable {
    var violation: Violation?
    var summary = Summary()
    var books = Books()
    var owed = Books.Obligation.none
    var healthySince: Instant?
    /// Requests since then.
    var requestsInHealth = 0
    /// Frames come often enough that no 10 s pass without one.
    var isPaced = true
    var awakeAt = Instant.start
    var lastNewFrame = Instant.start
    /// Frames since the receiver started.
    var counted = 0
    /// The frame that the meter's next reading counts from, and how many came after it.
    var readingStart: Instant?
    var countedSinceStart = 0
    /// What the last reading counted, with those that came too fast since.
    var lastReading: (start: Instant, frames: Int)?
    var busySince = Instant.start
    var actionsSince = 0

    // MARK: - How the world is

    mutating func look(healthySince: Instant?, awakeAt: Instant) {
        self.awakeAt = awakeAt
        guard healthySince != self.healthySince else { return }
        self.healthySince = healthySince
        requestsInHealth = 0
        owed = nextObligation
    }

    /// A socket is gone with what it carried, and what the viewer's said may no longer hold.
    mutating func noteLoss(of line: Line) {
        books.request?.isCarried = false
        if line == .viewer { books.pause?.isHearsay = true }
    }

    /// Whether the phone was last heard to say that it is paused.
    var takesPhoneForPaused: Bool { books.pause.map { !$0.isHearsay } ?? false }

    /// The receiver starts anew.
    mutating func restart() {
        books = Books()
        counted = 0
        readingStart = nil
        owed = nextObligation
    }

    // MARK: - What the watchdog is told, and answers

    mutating func observeFrame(
        _ timestamp: UInt32, isOlder: Bool = false, at now: Instant, _ actions: [FrameWatchdog.Action],
        deadline: Instant,
        reading: FrameMeter.Reading?
    ) {
        summary.frames += 1
        count(reading, at: now)
        if now > owed.by { checkDone(at: now) }
        let isNew = timestamp != books.lastTimestamp
        books.lastTimestamp = timestamp
        if isNew { lastNewFrame = now }
        let isProgress = isNew && !(books.pause.map { now < $0.since + Promise.death } ?? false)
        if isProgress && books.isTroubled {
            recover(at: now, actions)
        } else if !actions.isEmpty {
            expect(false, .reports, at: now, "no word about a frame where nothing was wrong")
        }
        if isProgress {
            books.progress(isOlder: isOlder, at: now)
            owed = books.obligation
        }
        if deadline < now || owed.by < deadline { checkDeadline(deadline, at: now) }
        if violation != nil { describe(.frame(timestamp: timestamp), actions, deadline) }
    }

    private mutating func recover(at now: Instant, _ actions: [FrameWatchdog.Action]) {
        let silence = books.quietSince.duration(to: now)
        expect(actions == [.reportRecovery(silence: silence)], .reports, at: now, "recovery after \(silence.text)")
        if let healthySince { summary.recordRecovery(max(books.quietSince, healthySince).duration(to: now)) }
    }

    mutating func observe(
        _ event: FrameWatchdog.Event, at now: Instant, _ actions: [FrameWatchdog.Action], deadline: Instant
    ) {
        checkDone(at: now)
        if event == .shutdown { books.isOver = true }
        if books.isOver {
            expect(actions.isEmpty && deadline == .never, .end, at: now, "nothing done or planned")
        } else {
            follow(event, at: now, actions, deadline: deadline)
        }
        owed = nextObligation
        if violation != nil { describe(event, actions, deadline) }
    }

    private mutating func follow(
        _ event: FrameWatchdog.Event, at now: Instant, _ actions: [FrameWatchdog.Action], deadline: Instant
    ) {
        let wasTroubled = books.isTroubled
        let mustAsk = event == .missed(.missedOffer) && wasTroubled && (books.owedUntil ?? now) <= now
        let peerIsLost = take(event, at: now)
        check(actions, after: event, peerIsLost: peerIsLost, at: now)
        if mustAsk { expect(books.request?.time == now, .persistence, at: now, "the missed offer asked for") }
        if books.isTroubled {
            expect(books.request != nil || books.retryAt != nil, .persistence, at: now, "a request, or a wait for it")
            if !wasTroubled { summary.episodes += 1 }
        }
        if event == .tick { expect(deadline > now, .progress, at: now, "a deadline after its tick") }
        checkDeadline(deadline, at: now)
        checkPace(of: actions.count + (event == .tick ? 1 : 0), at: now)
    }

    /// Says whether the peer is lost.
    private mutating func take(_ event: FrameWatchdog.Event, at now: Instant) -> Bool {
        switch event {
        case .offered:
            if books.isIdle || (books.pause != nil && !books.isTroubled) { books.quietSince = now }
            books.pause = nil
            books.negotiate(from: now)
            readingStart = nil
        case .connected: if books.pause == nil && books.dueSince == nil { books.expectFrames(from: now) }
        case .failed:
            if now < books.quietSince + Promise.grace && books.giveUpOffer(at: now) {
                books.omen = .missedOffer
            } else {
                books.fail()
            }
        case .gone: books.hearGoodbye(at: now)
        case .missed:
            if books.isIdle || books.pause != nil {
                books.pause = nil
                if !books.isTroubled { books.quietSince = now }
                books.isTroubled = true
            } else if books.isWatching {
                books.omen = .missedOffer
            }
        case .paused: books.rest(at: now)
        case .resumed:
            if books.pause != nil {
                books.pause = nil
                books.expectFrames(from: now)
            }
        case .tick:
            if let until = books.negotiatingUntil, until <= now, now < books.quietSince + Promise.death {
                _ = books.giveUpOffer(at: now)
            }
        case .frame, .olderFrame, .shutdown: break
        }
        guard let due = books.omenDue, due <= now else { return event == .failed }
        let saidGoodbye = if case .goodbye = books.omen { true } else { false }
        books.fail()
        return saidGoodbye || event == .failed
    }
}

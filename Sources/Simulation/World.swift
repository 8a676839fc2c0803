// SPDX-License-Identifier: Apache-2.0

import Signaling
import Timing
import Watchdog

/// What can happen, besides frames and ticks.
enum Occurrence: Sendable {
    case disturbance(Disturbance)
    /// Time to look again: something that was wrong may be over.
    case spellEnds
    case dials(Line, socket: Int)
    /// Its heartbeats have gone unanswered for long.
    case timesOut(Line, socket: Int)
    case arrives(String, Line, Way, socket: Int)
    case relayTick
    case phoneBeginsOffer(life: Int)
    case phoneStartsOver(life: Int)
    case phoneOffers(life: Int)
    case phoneOffersAgain(each: Duration, life: Int)
    case phoneTurnsZombie(Int)
    case phoneWakes(life: Int)
    case phoneStarts(life: Int)
    case connects(Int, givesUp: Instant)
    case viewerLosesSocket
    case answerIsReady(Int)
    case peerNews(PeerNews, of: Int)
    case consentExpires(of: Int)
    case receiverStarts

    /// Whether it waits while the receiver's machine sleeps.
    var needsMachine: Bool {
        switch self {
        case .viewerLosesSocket, .answerIsReady, .peerNews, .consentExpires, .receiverStarts,
            .dials(.viewer, _), .arrives(_, .viewer, .fromRelay, _):
            true
        case .disturbance, .spellEnds, .dials, .timesOut, .arrives, .relayTick, .phoneBeginsOffer, .phoneStartsOver,
            .phoneOffers, .phoneOffersAgain, .phoneTurnsZombie, .phoneWakes, .phoneStarts, .connects:
            false
        }
    }
}

/// One phone, one network, one relay, one receiver, and one clock that a script of disturbances runs down.
struct World: Sendable {
    let seed: UInt64
    let end: Instant
    private(set) var now = Instant.start
    private var agenda = Agenda()
    var phone = Phone()
    var network = Network()
    var camera = Socket()
    var viewer = Socket()
    var relay = World.newRelay
    var receiver: Receiver
    var stream: FrameStream
    /// Until when the receiver's machine sleeps.
    var awakeAt = Instant.start
    /// Since when a request would bring frames back soon, and no pause that was heard forbids one.
    var healthySince: Instant?
    var checker = Checker()
    var phoneDice: Dice
    var networkDice: Dice
    var receiverDice: Dice

    init(seed: UInt64, script: Script, hours: Int, policy: FrameWatchdog.Policy) {
        self.seed = seed
        end = .start + .seconds(hours * 3600)
        phoneDice = Dice(seed: seed, owner: .phone)
        networkDice = Dice(seed: seed, owner: .network)
        receiverDice = Dice(seed: seed, owner: .receiver)
        stream = FrameStream(source: script.source, dice: Dice(seed: seed, owner: .frames))
        receiver = Receiver(policy: policy)
        for disturbance in script.disturbances { plan(.disturbance(disturbance), at: disturbance.time) }
        redial(.camera, within: 0...5_000)
        redial(.viewer, within: 0...5_000)
    }

    static var newRelay: RelayCore { RelayCore(policy: .oldest, limits: Limits()) }

    subscript(line: Line) -> Socket {
        get {
            switch line {
            case .camera: camera
            case .viewer: viewer
            }
        }
        set {
            switch line {
            case .camera: camera = newValue
            case .viewer: viewer = newValue
            }
        }
    }

    mutating func plan(_ occurrence: Occurrence, at time: Instant) { agenda.plan(occurrence, at: time) }

    /// Runs to the end, or to the first violation. Frames precede anything else at the same time, as the watchdog demands.
    mutating func run() {
        while checker.violation == nil {
            let tick = max(receiver.deadline, awakeAt)
            let other = agenda.nextTime
            if stream.arrival <= tick && stream.arrival <= other {
                guard stream.arrival < end else { break }
                takeFrame()
            } else if min(tick, other) >= end {
                break
            } else if tick < other || (tick == other && receiverDice.chance(1, in: 2)) {
                now = tick
                tell(.tick)
                lookAround()
            } else {
                takeOccurrence()
                lookAround()
            }
        }
        checkEnd()
    }

    var summary: Summary {
        var summary = checker.summary
        summary.seeds = 1
        summary.time = Instant.start.duration(to: checker.violation?.time ?? end)
        summary.violations = checker.violation == nil ? 0 : 1
        return summary
    }

    private mutating func takeFrame() {
        now = stream.arrival
        let reading = receiver.count(at: now)
        let session = receiver.peer(of: phone.older ?? phone.connection)?.session ?? 0
        let isOlder = receiver.core.talk.session.map { session < $0 } ?? false
        let outcome = receiver.handle(.frame(timestamp: stream.timestamp, session: session), at: now, jitter: 0)
        var actions: [FrameWatchdog.Action] = []
        for case .watch(let watch) in outcome.reports { actions += watch.actions }
        checker.observeFrame(
            stream.timestamp, isOlder: isOlder, at: now, actions, deadline: receiver.deadline, reading: reading)
        for action in outcome.actions { obey(action) }
        stream.advance()
    }

    private mutating func takeOccurrence() {
        guard let entry = agenda.takeFirst() else { return }
        now = entry.time
        if entry.occurrence.needsMachine && now < awakeAt {
            agenda.postpone(entry, to: awakeAt)
        } else {
            happen(entry.occurrence)
        }
    }

    private mutating func happen(_ occurrence: Occurrence) {
        switch occurrence {
        case .disturbance(let disturbance): strike(disturbance)
        case .spellEnds: break
        case .dials(let line, let socket): dials(line, socket: socket)
        case .timesOut(let line, let socket): timesOut(line, socket: socket)
        case .arrives(let text, let line, let way, let socket): arrives(text, on: line, way, socket: socket)
        case .relayTick: tellRelay(.tick)
        case .phoneBeginsOffer(let life): phoneBeginsOffer(life: life)
        case .phoneStartsOver(let life): phoneStartsOver(life: life)
        case .phoneOffers(let life): phoneOffers(life: life)
        case .phoneOffersAgain(let pause, let life): phoneOffersAgain(each: pause, life: life)
        case .phoneTurnsZombie(let connection): phoneTurnsZombie(connection)
        case .phoneWakes(let life): phoneWakes(life: life)
        case .phoneStarts(let life): phoneStarts(life: life)
        case .connects(let connection, let givesUp): connects(connection, givesUp: givesUp)
        case .viewerLosesSocket: tellSession(.left)
        case .answerIsReady(let connection): answerIsReady(connection)
        case .peerNews(let event, let connection): receiverNotices(event, of: connection)
        case .consentExpires(let connection): consentExpires(of: connection)
        case .receiverStarts: receiverStarts()
        }
    }

    /// Lets frames flow if everything they need is there, and tells the checker how the world is.
    private mutating func lookAround() {
        watchMediaPath()
        stream.weather = network.weather(at: now)
        let flows =
            phone.isStreaming(at: now) && network.blackSince == nil
            && receiver.peer(of: phone.older ?? phone.connection) != nil
        switch (stream.isFlowing, flows) {
        case (false, true): stream.flow(from: now + phoneDice.milliseconds(50...800))
        case (true, false): stream.stop()
        case (true, true), (false, false): break
        }
        let isHealthy =
            phone.isWell(at: now) && network.isWell(at: now) && camera.isOpen
            && viewer.isOpen && receiver.isRunning && !checker.takesPhoneForPaused
        healthySince = isHealthy ? healthySince ?? now : nil
        checker.look(healthySince: healthySince, awakeAt: awakeAt)
        checker.isPaced = stream.source.period <= 1_000_000
    }

    /// Once ended, the watchdog must be deaf and mute.
    private mutating func checkEnd() {
        guard checker.violation == nil, receiver.isRunning else { return }
        now = max(now, awakeAt)
        tell(.shutdown)
        let afterwards: [ReceiverCore<ViewerConversation>.Event] = [
            .shutdown, .frame(timestamp: 1, session: 1), .tick, .conversation(.joined), .conversation(.left),
        ]
        for event in afterwards {
            let outcome = receiver.handle(event, at: now, jitter: 0)
            let isSilent = outcome.actions.isEmpty && outcome.reports.isEmpty && receiver.deadline == .never
            checker.expect(isSilent, .end, at: now, "nothing done or planned")
        }
    }
}

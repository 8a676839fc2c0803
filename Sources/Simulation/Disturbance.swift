// SPDX-License-Identifier: Apache-2.0

import Timing

/// Something that goes wrong at a set time.
package struct Disturbance: Equatable, Sendable, CustomStringConvertible {
    /// Its place in the whole script, by which `only` selects it.
    package let index: Int
    package let time: Instant
    package let trouble: Trouble

    package enum Trouble: Equatable, Sendable {
        case phone(PhoneTrouble)
        case network(NetworkTrouble)
        case receiver(ReceiverTrouble)
    }

    package var description: String {
        switch trouble {
        case .phone(let trouble): "\(time.clock)  #\(index)  phone \(trouble)"
        case .network(let trouble): "\(time.clock)  #\(index)  network \(trouble)"
        case .receiver(let trouble): "\(time.clock)  #\(index)  receiver \(trouble)"
        }
    }
}

package enum PhoneTrouble: Equatable, Sendable, CustomStringConvertible {
    case fallsSilent
    case freezes
    case stalls(Duration)
    case turnsZombie(Duration)
    case sleeps(Duration, PhoneSleep)
    case dies(Duration)
    case offersLate(by: Duration, Duration)
    case keepsOffering(every: Duration, Futility, Duration)
    case obeysLate(by: Duration, Duration)
    case keepsOld(Duration)
    case offersAnew
    case ignoresCommands(Duration)
    case losesSocket
    case changes(Source)

    package var description: String {
        switch self {
        case .fallsSilent: "sends no more frames until it reconnects"
        case .freezes: "sends one frame again and again until it reconnects"
        case .stalls(let length): "holds its frames back for \(length.text)"
        case .turnsZombie(let length): "turns zombie 30 to 60 s after each connecting, for \(length.text)"
        case .sleeps(let length, let sleep): "sleeps for \(length.text), \(sleep.rawValue)"
        case .dies(let length): "dies, and comes back after \(length.text)"
        case .offersLate(let delay, let length): "takes \(delay.text) longer to offer, for \(length.text)"
        case .keepsOffering(let pause, let futility, let length):
            "offers each \(pause.text), \(futility.rawValue), for \(length.text)"
        case .obeysLate(let delay, let length): "obeys each command \(delay.text) late, for \(length.text)"
        case .keepsOld(let length): "keeps its connection until the next one is there, for \(length.text)"
        case .offersAnew: "closes its connection and offers anew of itself"
        case .ignoresCommands(let length): "ignores commands for \(length.text)"
        case .losesSocket: "loses its socket"
        case .changes(let source): "gives a frame each \(source.period) us, up to \(source.jitter) us late"
        }
    }
}

/// What comes of offers that follow one another.
package enum Futility: String, CaseIterable, Sendable {
    case neverConnects = "never connecting"
    case sendsNothing = "connecting without a frame"
}

/// What a sleeping phone says of it, and whether it hears anything meanwhile.
package enum PhoneSleep: String, CaseIterable, Sendable {
    case told = "says so before and after"
    case suspended = "says so before and after, is deaf meanwhile"
    case pauseUntold = "says only that it resumed"
    case resumeUntold = "says only that it paused"
    case untold = "says nothing"

    var saysPaused: Bool { self == .told || self == .suspended || self == .resumeUntold }
    var saysResumed: Bool { self == .told || self == .suspended || self == .pauseUntold }
}

package enum NetworkTrouble: Equatable, Sendable, CustomStringConvertible {
    case losesFrames(outOf256: Int, Duration)
    case isSlow(by: Duration, Duration)
    case reordersFrames(Duration)
    case connectsNobody(Duration)
    case carriesNoMedia(Duration)
    case carriesNothing(Duration)
    case losesRelay(Duration)

    package var description: String {
        switch self {
        case .losesFrames(let share, let length): "loses \(share) of 256 frames for \(length.text)"
        case .isSlow(let delay, let length): "takes \(delay.text) longer for \(length.text)"
        case .reordersFrames(let length): "reorders frames for \(length.text)"
        case .connectsNobody(let length): "lets nobody connect anew for \(length.text)"
        case .carriesNoMedia(let length): "carries no media for \(length.text)"
        case .carriesNothing(let length): "carries nothing for \(length.text)"
        case .losesRelay(let length): "loses its relay, which is back after \(length.text)"
        }
    }
}

package enum ReceiverTrouble: Equatable, Sendable, CustomStringConvertible {
    case losesSocket
    case losesPeer
    case crashes(Duration)
    case restarts(Duration)
    case sleeps(Duration)

    package var description: String {
        switch self {
        case .losesSocket: "loses its socket"
        case .losesPeer: "loses its peer, which says that it failed"
        case .crashes(let length): "crashes, and is back after \(length.text)"
        case .restarts(let length): "shuts down, and is back after \(length.text)"
        case .sleeps(let length): "sleeps with its whole machine for \(length.text)"
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Timing

/// What a seed holds: a camera, and what goes wrong when.
///
/// Scripts of different lengths from one seed begin alike.
struct Script: Sendable {
    let source: Source
    private(set) var disturbances: [Disturbance]

    init(seed: UInt64, hours: Int) {
        var dice = Dice(seed: seed, owner: .script)
        source = dice.source()
        disturbances = []
        let end = Instant.start + .seconds(hours * 3600)
        var time = Instant.start + dice.gap()
        while time < end {
            disturbances.append(Disturbance(index: disturbances.count, time: time, trouble: dice.trouble()))
            time += dice.gap()
        }
    }

    mutating func keep(_ only: [Int]) {
        let kept = Set(only)
        disturbances.removeAll { !kept.contains($0.index) }
    }
}

extension Dice {
    /// Often short, for mistakes hide where troubles meet; at times long enough to calm down.
    fileprivate mutating func gap() -> Duration {
        switch below(3) {
        case 0: milliseconds(10...20_000)
        case 1: milliseconds(20_000...180_000)
        default: milliseconds(180_000...900_000)
        }
    }

    fileprivate mutating func length() -> Duration {
        switch below(16) {
        case 0..<5: milliseconds(200...5_000)
        case 5..<10: milliseconds(5_000...40_000)
        case 10..<15: milliseconds(40_000...300_000)
        default: milliseconds(300_000...2_400_000)
        }
    }

    fileprivate mutating func source() -> Source {
        let period =
            switch below(16) {
            case 0..<9: 33_333
            case 9..<12: 16_667
            case 12: 66_667
            case 13: 200_000
            case 14: 1_000_000
            default: 5_000_000
            }
        return Source(period: period, jitter: pick([0, period / 8, period / 2, period]))
    }

    fileprivate mutating func trouble() -> Disturbance.Trouble {
        switch below(100) {
        case 0..<62: .phone(phoneTrouble())
        case 62..<84: .network(networkTrouble())
        default: .receiver(receiverTrouble())
        }
    }

    private mutating func phoneTrouble() -> PhoneTrouble {
        switch below(78) {
        case 0..<9: .fallsSilent
        case 9..<16: .freezes
        case 16..<21: .stalls(milliseconds(4_500...10_500))
        case 21..<27: .turnsZombie(length())
        case 27..<37: .sleeps(length(), pick(PhoneSleep.allCases))
        case 37..<44: .dies(length())
        case 44..<48: .offersLate(by: milliseconds(3_000...60_000), length())
        case 48..<52: .ignoresCommands(length())
        case 52..<57: .losesSocket
        case 57..<63: .keepsOffering(every: milliseconds(3_000...29_000), pick(Futility.allCases), length())
        case 63..<67: .obeysLate(by: pick([milliseconds(100...12_000), milliseconds(11_000...13_000)]), length())
        case 67..<71: .offersAnew
        case 71..<75: .keepsOld(length())
        default: .changes(source())
        }
    }

    private mutating func networkTrouble() -> NetworkTrouble {
        switch below(20) {
        case 0..<2: .losesFrames(outOf256: pick([3, 13, 50, 128]), length())
        case 2..<5: .isSlow(by: milliseconds(50...4_000), length())
        case 5..<6: .reordersFrames(length())
        case 6..<9: .connectsNobody(length())
        case 9..<13: .carriesNoMedia(length())
        case 13..<17: .carriesNothing(length())
        default: .losesRelay(milliseconds(300...20_000))
        }
    }

    private mutating func receiverTrouble() -> ReceiverTrouble {
        switch below(16) {
        case 0..<4: .losesSocket
        case 4..<9: .losesPeer
        case 9..<11: .crashes(milliseconds(300...20_000))
        case 11..<13: .restarts(milliseconds(300...20_000))
        default: .sleeps(length())
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Timing

extension World {
    /// Lets a disturbance loose, and gives everyone the dice of a new chapter, so that what follows depends little on
    /// whether an earlier disturbance was left out.
    mutating func strike(_ disturbance: Disturbance) {
        let chapter = disturbance.index + 1
        stream.dice = Dice(seed: seed, owner: .frames, chapter: chapter)
        phoneDice = Dice(seed: seed, owner: .phone, chapter: chapter)
        networkDice = Dice(seed: seed, owner: .network, chapter: chapter)
        receiverDice = Dice(seed: seed, owner: .receiver, chapter: chapter)
        healthySince = nil
        switch disturbance.trouble {
        case .phone(let trouble): strike(trouble)
        case .network(let trouble): strike(trouble)
        case .receiver(let trouble): strike(trouble)
        }
    }

    private mutating func strike(_ trouble: PhoneTrouble) {
        switch trouble {
        case .fallsSilent: phone.isSilent = true
        case .freezes: stream.isFrozen = true
        case .stalls(let length): prolong(\.phone.stallsUntil, by: length)
        case .turnsZombie(let length): prolong(\.phone.zombieUntil, by: length)
        case .sleeps(let length, let sleep): phoneSleeps(sleep, for: length)
        case .dies(let length): phoneDies(for: length)
        case .offersLate(let delay, let length):
            phone.slowness = delay
            prolong(\.phone.slowUntil, by: length)
        case .obeysLate(let delay, let length):
            phone.lateness = delay
            prolong(\.phone.lateUntil, by: length)
        case .keepsOld(let length): prolong(\.phone.gentleUntil, by: length)
        case .offersAnew: phoneStartsOver(life: phone.life)
        case .keepsOffering(let pause, let futility, let length):
            phone.futility = futility
            prolong(\.phone.futileUntil, by: length)
            phoneOffersAgain(each: pause, life: phone.life)
        case .ignoresCommands(let length): prolong(\.phone.deafUntil, by: length)
        case .losesSocket: breaks(.camera)
        case .changes(let source): stream.source = source
        }
    }

    private mutating func strike(_ trouble: NetworkTrouble) {
        switch trouble {
        case .losesFrames(let share, let length):
            network.loss = share
            prolong(\.network.lossUntil, by: length)
        case .isSlow(let delay, let length):
            network.delay = delay
            prolong(\.network.delayUntil, by: length)
        case .reordersFrames(let length): prolong(\.network.reorderUntil, by: length)
        case .connectsNobody(let length): prolong(\.network.noConnectingUntil, by: length)
        case .carriesNoMedia(let length): prolong(\.network.noMediaUntil, by: length)
        case .carriesNothing(let length):
            prolong(\.network.noMediaUntil, by: length)
            prolong(\.network.noSignalingUntil, by: length)
            // Each end's heartbeat gives a dead socket up after a while.
            for line in [Line.camera, .viewer] where networkDice.chance(1, in: 2) {
                plan(.timesOut(line, socket: self[line].number), at: now + networkDice.milliseconds(15_000...60_000))
            }
        case .losesRelay(let length):
            prolong(\.network.noRelayUntil, by: length)
            breaks(.camera)
            breaks(.viewer)
            relay = World.newRelay
        }
    }

    private mutating func strike(_ trouble: ReceiverTrouble) {
        switch trouble {
        case .losesSocket: breaks(.viewer)
        case .losesPeer:
            if let peer = receiver.peers.last { plan(.peerNews(.failed, of: peer.connection), at: now) }
        case .crashes(let length): receiverStops(for: length)
        case .restarts(let length):
            guard receiver.isRunning, awakeAt <= now else { return }
            tell(.shutdown)
            receiverStops(for: length)
        case .sleeps(let length):
            prolong(\.awakeAt, by: length)
            if length >= .seconds(60) { breaks(.viewer) }
        }
    }

    /// Lasts until later, or for longer than before.
    mutating func prolong(_ end: WritableKeyPath<World, Instant>, by length: Duration) {
        self[keyPath: end] = max(self[keyPath: end], now + length)
        plan(.spellEnds, at: now + length)
    }
}

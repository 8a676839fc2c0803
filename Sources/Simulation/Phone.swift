// SPDX-License-Identifier: Apache-2.0

import Signaling
import Timing

/// A phone with a camera: it dials, offers whenever its socket opens and on `reconnect`, and then streams.
struct Phone: Sendable {
    var isRunning = true
    /// Counts its starts: plans of an earlier life are void.
    var life = 0
    var sleep: PhoneSleep?
    /// Frames may still come for a while after it said it was paused.
    var drainsUntil = Instant.start
    /// The number of its last offer; a connection is known by that.
    var offers = 0
    /// The offer of its present peer connection.
    var connection: Int?
    var isConnected = false
    /// The connection before it, which goes on until this one is connected.
    var older: Int?
    var isSilent = false
    /// An offer that it is about to make.
    var plannedOffer: Instant?
    var stallsUntil = Instant.start
    var zombieUntil = Instant.start
    var deafUntil = Instant.start
    /// Until when it keeps offering, and what comes of that.
    var futileUntil = Instant.start
    var futility = Futility.neverConnects
    var slowUntil = Instant.start
    var slowness = Duration.zero
    var lateUntil = Instant.start
    var lateness = Duration.zero
    /// Until when it keeps the connection that it has until the next one is there.
    var gentleUntil = Instant.start

    /// Whether it obeys commands.
    var isListening: Bool { isRunning && sleep != .suspended }

    func isStreaming(at now: Instant) -> Bool {
        isRunning && (isConnected || older != nil) && !isSilent && (sleep == nil || now < drainsUntil)
            && stallsUntil <= now
    }

    /// Whether a `reconnect` would bring its frames back soon, even if it obeys late.
    func isWell(at now: Instant) -> Bool {
        isRunning && sleep == nil && max(stallsUntil, deafUntil, slowUntil, futileUntil) <= now
    }
}

extension World {
    mutating func phoneHears(_ message: SignalingMessage) {
        guard phone.isListening else { return }
        switch message {
        case .command(.reconnect): if phone.deafUntil <= now { phoneIsCommanded() }
        case .answer(let sdp): phoneIsAnswered(sdp)
        case .command, .offer, .ice, .status, .cameraStatus, .reconnectRequest, .hello, .viewerRole: break
        }
    }

    private mutating func phoneIsAnswered(_ sdp: String) {
        guard let connection = phone.connection, sdp == SessionDescription.text(of: connection) else { return }
        if now < phone.futileUntil && phone.futility == .neverConnects { return }
        let start = now + phoneDice.milliseconds(phoneDice.chance(1, in: 16) ? 100...12_000 : 100...3_000)
        plan(.connects(connection, givesUp: now + .seconds(25)), at: start)
    }

    private mutating func phoneSays(_ message: SignalingMessage) {
        send(message.json.text, on: .camera, .toRelay)
    }

    /// A phone that obeys late obeys each command, however many offers have overtaken it.
    private mutating func phoneIsCommanded() {
        if phone.lateUntil <= now { return phonePreparesOffer() }
        plan(.phoneStartsOver(life: phone.life), at: now + phone.lateness)
    }

    /// Asked again while it prepares an offer, it makes that one, or starts over.
    mutating func phonePreparesOffer() {
        if phone.plannedOffer != nil && phoneDice.chance(1, in: 2) { return }
        let isSlow = now < phone.slowUntil
        let time = now + phoneDice.milliseconds(100...2_000) + (isSlow ? phone.slowness : .zero)
        if isSlow { phone.slowUntil = max(phone.slowUntil, time) }
        phone.plannedOffer = time
        plan(.phoneBeginsOffer(life: phone.life), at: time)
    }

    mutating func phoneBeginsOffer(life: Int) {
        guard phone.life == life, phone.plannedOffer == now else { return }
        phoneStartsOver(life: life)
    }

    /// Closes the connection that it has, or keeps it for the time being, and offers a moment later.
    mutating func phoneStartsOver(life: Int) {
        guard phone.isRunning, phone.life == life else { return }
        if now < phone.gentleUntil && phone.isConnected {
            (phone.older, phone.connection, phone.plannedOffer) = (phone.connection, nil, nil)
        } else if phone.older == nil {
            phoneCloses()
        }
        // Reopening the camera takes seconds.
        let pause = phoneDice.milliseconds(phoneDice.chance(1, in: 8) ? 1_500...6_000 : 10...20)
        plan(.phoneOffers(life: life), at: now + pause)
    }

    private mutating func phoneCloses() {
        if phone.isConnected { phoneTakesLeave(of: phone.connection) }
        phoneTakesLeave(of: phone.older)
        (phone.connection, phone.older) = (nil, nil)
        phone.isConnected = false
        phone.plannedOffer = nil
    }

    /// Most phones say goodbye, which may be lost.
    private mutating func phoneTakesLeave(of connection: Int?) {
        guard let peer = receiver.peer(of: connection), network.blackSince == nil, phoneDice.chance(3, in: 4) else {
            return
        }
        receiverWillNotice(.gone, of: peer)
    }

    mutating func phoneOffers(life: Int) {
        if phone.life == life { phoneOffers() }
    }

    mutating func phoneOffersAgain(each pause: Duration, life: Int) {
        guard phone.life == life, now < phone.futileUntil else { return }
        if phone.isListening && camera.isOpen { phoneOffers() }
        plan(.phoneOffersAgain(each: pause, life: life), at: now + pause)
    }

    private mutating func phoneOffers() {
        phone.plannedOffer = nil
        phone.offers += 1
        phone.connection = phone.offers
        phone.isConnected = false
        phoneSays(.offer(sdp: SessionDescription.text(of: phone.offers)))
        if let sleep = phone.sleep, sleep.saysPaused, phoneDice.chance(1, in: 2) {
            phoneSays(.status(.paused))
        }
    }

    /// ICE and DTLS: they need both ends and a path, and are tried for a while.
    mutating func connects(_ connection: Int, givesUp: Instant) {
        guard let peer = receiver.peer(of: connection), phone.isRunning, phone.connection == connection,
            !phone.isConnected
        else { return }
        if network.connects(at: now) {
            phoneTakesLeave(of: phone.older)
            (phone.isConnected, phone.older) = (true, nil)
            phone.isSilent = now < phone.futileUntil
            stream.restart()
            receiverWillNotice(.connected, of: peer)
            if now < phone.zombieUntil {
                plan(.phoneTurnsZombie(connection), at: now + phoneDice.milliseconds(30_000...60_000))
            }
        } else if now < givesUp {
            plan(.connects(connection, givesUp: givesUp), at: now + .seconds(1))
        } else if phoneDice.chance(1, in: 2) {
            receiverWillNotice(.failed, of: peer)
        }
    }

    mutating func phoneTurnsZombie(_ connection: Int) {
        guard connection == phone.connection else { return }
        if phoneDice.chance(1, in: 3) { stream.isFrozen = true } else { phone.isSilent = true }
        healthySince = nil
    }

    mutating func phoneSleeps(_ sleep: PhoneSleep, for length: Duration) {
        guard phone.isRunning, phone.sleep == nil else { return }
        phone.sleep = sleep
        if sleep.saysPaused { phoneSays(.status(.paused)) }
        if phoneDice.chance(1, in: 4) { prolong(\.phone.drainsUntil, by: phoneDice.milliseconds(0...3_000)) }
        plan(.phoneWakes(life: phone.life), at: now + length)
    }

    mutating func phoneWakes(life: Int) {
        guard phone.life == life, let sleep = phone.sleep else { return }
        phone.sleep = nil
        if sleep.saysResumed { phoneSays(.status(.recording)) }
    }

    mutating func phoneDies(for length: Duration) {
        guard phone.isRunning else { return }
        phoneCloses()
        phone.isRunning = false
        phone.life += 1
        phone.sleep = nil
        closes(.camera)
        plan(.phoneStarts(life: phone.life), at: now + length)
    }

    mutating func phoneStarts(life: Int) {
        guard phone.life == life else { return }
        phone.isRunning = true
        redial(.camera, within: 100...5_000)
    }
}

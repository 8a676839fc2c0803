// SPDX-License-Identifier: Apache-2.0

import Timing

/// What travels over the sockets. A connection is known by the number of the offer that began it.
enum Message: Sendable {
    case offer(Int)
    case answer(Int)
    case paused
    case resumed
    case reconnect
}

/// The two sockets at the relay.
enum Line: Sendable {
    case camera
    case viewer
}

enum Way: Sendable {
    case toRelay
    case fromRelay
}

/// A socket delivers in order; what is under way when it closes is lost.
struct Socket: Sendable {
    /// A new one with each opening and closing: what was meant for an old one does not concern the new.
    private(set) var number = 0
    private(set) var isOpen = false
    private var lastArrival: [Way: Instant] = [:]

    mutating func open() {
        number += 1
        isOpen = true
    }

    mutating func close() {
        number += 1
        isOpen = false
    }

    /// When something that would come at `time` does, behind what is under way already.
    mutating func queue(_ way: Way, until time: Instant) -> Instant {
        let arrival = max(lastArrival[way] ?? time, time)
        lastArrival[way] = arrival
        return arrival
    }
}

/// What is wrong with the paths and the relay, each until when.
struct Network: Sendable {
    var noMediaUntil = Instant.start
    var noConnectingUntil = Instant.start
    var noSignalingUntil = Instant.start
    var noRelayUntil = Instant.start
    var lossUntil = Instant.start
    var delayUntil = Instant.start
    var reorderUntil = Instant.start
    var loss = 0
    var delay = Duration.zero
    /// Since when no media gets through.
    var blackSince: Instant?

    func weather(at now: Instant) -> FrameStream.Weather {
        FrameStream.Weather(
            lost: now < lossUntil ? loss : 0, delay: now < delayUntil ? delay : .zero,
            isReordering: now < reorderUntil)
    }

    func acceptsSockets(at now: Instant) -> Bool { noSignalingUntil <= now && noRelayUntil <= now }

    func connects(at now: Instant) -> Bool { blackSince == nil && noConnectingUntil <= now }

    func isWell(at now: Instant) -> Bool {
        acceptsSockets(at: now) && connects(at: now) && max(lossUntil, delayUntil, reorderUntil) <= now
    }
}

extension World {
    mutating func send(_ message: Message, on line: Line, _ way: Way) {
        guard self[line].isOpen else { return }
        let delay = networkDice.milliseconds(5...250) + network.weather(at: now).delay
        let arrival = self[line].queue(way, until: max(now, network.noSignalingUntil) + delay)
        plan(.arrives(message, line, way, socket: self[line].number), at: arrival)
    }

    /// The relay passes on what arrives and stores nothing.
    mutating func arrives(_ message: Message, on line: Line, _ way: Way, socket: Int) {
        guard self[line].number == socket else { return }
        switch (way, line) {
        case (.toRelay, .camera): send(message, on: .viewer, .fromRelay)
        case (.toRelay, .viewer): send(message, on: .camera, .fromRelay)
        case (.fromRelay, .camera): phoneHears(message)
        case (.fromRelay, .viewer): receiverHears(message)
        }
    }

    /// Opens the socket, or tries again later.
    mutating func dials(_ line: Line, socket: Int) {
        guard self[line].number == socket else { return }
        guard network.acceptsSockets(at: now), line == .viewer || phone.isListening else {
            redial(line, within: 1_000...5_000)
            return
        }
        self[line].open()
        switch line {
        case .camera: phonePreparesOffer()
        case .viewer: receiverJoined()
        }
    }

    /// Closes a socket whose owner will notice and dial again.
    mutating func breaks(_ line: Line) {
        guard self[line].isOpen else { return }
        closes(line)
        redial(line, within: 300...10_000)
    }

    mutating func timesOut(_ line: Line, socket: Int) {
        guard self[line].number == socket, now < network.noSignalingUntil else { return }
        breaks(line)
    }

    mutating func closes(_ line: Line) {
        self[line].close()
        if line == .viewer { checker.noteSocketLost() }
    }

    mutating func redial(_ line: Line, within milliseconds: ClosedRange<Int>) {
        plan(.dials(line, socket: self[line].number), at: now + networkDice.milliseconds(milliseconds))
    }

    /// Media stops or starts getting through. A connection that nothing crosses for 30 s has lost its consent, and the
    /// receiver may be told of it 45 to 50 s after the last packet.
    mutating func watchMediaPath() {
        let isBlack = now < max(network.noMediaUntil, awakeAt)
        switch (network.blackSince, isBlack) {
        case (nil, true):
            network.blackSince = now
            if let peer = receiver.peer, networkDice.chance(1, in: 2) {
                plan(.consentExpires(session: peer.session), at: now + networkDice.milliseconds(45_000...50_000))
            }
        case (let since?, false):
            network.blackSince = nil
            if since + .seconds(30) <= now { phone.isConnected = false }
        case (nil, false), (.some, true): break
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Signaling
import Text
import Timing

/// The two lines to the relay, each known by who dials it.
typealias Line = RelayAddress.Role

enum Way: Sendable {
    case toRelay, fromRelay
}

/// A socket delivers in order; what is under way when it closes is lost.
struct Socket: Sendable {
    /// Changes with each opening and closing: what was meant for an old socket does not concern the new.
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

    /// When something due at `time` arrives, behind what is under way already.
    mutating func queue(_ way: Way, until time: Instant) -> Instant {
        let arrival = max(lastArrival[way] ?? time, time)
        lastArrival[way] = arrival
        return arrival
    }
}

extension World {
    mutating func send(_ text: String, on line: Line, _ way: Way) {
        guard self[line].isOpen else { return }
        let delay = networkDice.milliseconds(5...250) + network.weather(at: now).delay
        let arrival = self[line].queue(way, until: max(now, network.noSignalingUntil) + delay)
        plan(.arrives(text, line, way, socket: self[line].number), at: arrival)
    }

    mutating func arrives(_ text: String, on line: Line, _ way: Way, socket: Int) {
        guard self[line].number == socket, let message = SignalingMessage(text: text) else { return }
        switch (way, line) {
        case (.toRelay, _): tellRelay(.message(peer(on: line), message, text: text))
        case (.fromRelay, .camera): phoneHears(message)
        case (.fromRelay, .viewer): viewerHears(message)
        }
    }

    /// A viewer that hears of the camera leaving or coming takes earlier requests for lost, though the word may be older.
    private mutating func viewerHears(_ message: SignalingMessage) {
        if case .viewerRole = message { checker.noteLoss(of: .camera) }
        tellSession(.received(message))
    }

    /// Tells the relay's core, and does as it says.
    mutating func tellRelay(_ event: RelayCore.Event) {
        for action in relay.handle(event, at: now) {
            switch action {
            case .forward(let text, let id): send(text, toPeer: id)
            case .send(let message, let id): send(message.json.text, toPeer: id)
            case .close(let id, _): if let line = line(of: id) { breaks(line) }
            case .forwardPicture, .report: break
            }
        }
        if let due = relay.nextDeadline { plan(.relayTick, at: due) }
    }

    private mutating func send(_ text: String, toPeer id: PeerID) {
        if let line = line(of: id) { send(text, on: line, .fromRelay) }
    }

    private func peer(on line: Line) -> PeerID { PeerID("\(line.rawValue)-\(self[line].number)") }

    private func line(of id: PeerID) -> Line? { [Line.camera, .viewer].first { peer(on: $0) == id } }

    /// Opens the socket, or tries again later.
    mutating func dials(_ line: Line, socket: Int) {
        guard self[line].number == socket else { return }
        guard network.acceptsSockets(at: now), line == .viewer || phone.isListening else {
            redial(line, within: 1_000...5_000)
            return
        }
        self[line].open()
        tellRelay(.joined(peer(on: line), RelayAddress(line, of: .default)))
        switch line {
        case .camera: phonePreparesOffer()
        case .viewer: tellSession(.joined)
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

    /// Whoever waits to dial anew waits in vain, too.
    mutating func closes(_ line: Line) {
        let leaving = peer(on: line)
        self[line].close()
        tellRelay(.left(leaving))
        checker.noteLoss(of: line)
        if line == .viewer { plan(.viewerLosesSocket, at: now) }
    }

    mutating func redial(_ line: Line, within milliseconds: ClosedRange<Int>) {
        plan(.dials(line, socket: self[line].number), at: now + networkDice.milliseconds(milliseconds))
    }
}

extension SignalingMessage {
    init?(text: String) {
        // What is no message is dropped, as by the real ones.
        guard let json = try? JSONValue(parsing: text), let message = try? SignalingMessage(json: json) else {
            return nil
        }
        self = message
    }
}

extension SessionDescription {
    /// The smallest offer that can be answered, or answer; a connection is known by the number of its offer.
    static func text(of connection: Int) -> String {
        """
        v=0
        o=- \(connection) 1 IN IP4 127.0.0.1
        s=-
        t=0 0
        m=video 9 UDP/TLS/RTP/SAVPF 96
        c=IN IP4 0.0.0.0
        a=ice-ufrag:\(connection)
        a=ice-pwd:\(connection)
        a=setup:actpass
        a=fingerprint:sha-256 \(fingerprint)
        a=mid:0
        a=rtpmap:96 VP8/90000

        """
    }

    var connection: Int? { origin.flatMap { Int($0.session) } }

    private static let fingerprint = Array(repeating: "00", count: 32).joined(separator: ":")
}

// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Sockets
import Timing

/// A WebSocket to a relay that is dialed again for ever: the sockets around `RelayLinkCore`.
@MainLoop
package final class RelayLink {
    package enum Event: Equatable, Sendable {
        case up
        case received(String)
        case binary
        case down
        /// The next dial is this far away.
        case waiting(Duration, why: String)
    }

    private let address: WebSocketAddress
    private let limits: TransportLimits
    private var handler: ((Event) -> Void)?
    private var link = RelayLinkCore()
    private var dial: Dial?
    private var socket: WebSocket?
    private var lastTrouble = ""
    private var deadline: Deadline?
    private var networkChanges: NetworkChanges?

    package init(
        to address: WebSocketAddress, limits: TransportLimits = TransportLimits(),
        _ handler: @escaping @MainLoop (Event) -> Void
    ) {
        self.address = address
        self.limits = limits
        self.handler = handler
        deadline = Deadline { [weak self] in self?.handle(.tick) }
        networkChanges = NetworkChanges { [weak self] in self?.handle(.networkChanged) }
    }

    package func start() { handle(.start) }

    /// Hangs up, and says nothing from then on.
    package func stop() {
        handler = nil
        handle(.shutdown)
    }

    /// Sends, or forgets what it is given while the link is down: a message for one socket is none for the next.
    package func send(_ text: String) { socket?.send(text) }

    private func handle(_ event: RelayLinkCore.Event) {
        for action in link.handle(event, at: MainLoop.now, jitter: .random(in: -1...1)) { perform(action) }
        deadline?.arm(at: link.nextDeadline)
    }

    private func perform(_ action: RelayLinkCore.Action) {
        switch action {
        case .dial(let number):
            dial = Dial(to: address, limits: limits) { [weak self] in self?.dialed(number, $0) }
        case .ping: socket?.ping()
        case .drop: drop()
        case .announceRetry(let wait): handler?(.waiting(wait, why: lastTrouble))
        }
    }

    private func dialed(_ number: Int, _ result: Result<WebSocket, Dial.Failure>) {
        dial = nil
        switch result {
        case .success(let socket):
            self.socket = socket
            handle(.opened(dial: number))
            handler?(.up)
            socket.start { [weak self] in self?.heard($0, over: number) }
        case .failure(let failure):
            lastTrouble = failure.description
            handle(failure.isSilence ? .unanswered(dial: number) : .closed(dial: number))
        }
    }

    private func heard(_ event: WebSocket.Event, over number: Int) {
        handle(.heard(dial: number))
        switch event {
        case .text(let text): handler?(.received(text))
        case .binary: handler?(.binary)
        case .ping, .pong, .picturesDropped: break
        case .closed(let code, let reason, _):
            // None is left where it was us who gave it up.
            guard socket != nil else { return }
            lost(reason.isEmpty ? "closed with \(code)" : reason)
            handle(.closed(dial: number))
        }
    }

    private func drop() {
        if dial != nil {
            dial = nil
            lastTrouble = "no answer within \(RelayLinkCore.dialLimit.wholeSeconds) s"
        }
        if let socket {
            lost("no answer to a ping within \(Heartbeat.Pace.relay.limit.wholeSeconds) s")
            socket.abort()
        }
    }

    private func lost(_ why: String) {
        lastTrouble = why
        socket = nil
        handler?(.down)
    }
}

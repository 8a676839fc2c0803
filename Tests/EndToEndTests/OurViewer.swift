// SPDX-License-Identifier: Apache-2.0

import MainLoop
import RelayClient
import Signaling
import Sockets
import Text
import Watchdog

/// Our end of a relay's socket, and what came over it.
@MainLoop
final class LinkedPeer {
    let link: RelayLink
    private let events: AsyncStream<RelayLink.Event>

    init(_ port: String, _ target: String) {
        let address = WebSocketAddress(isSecure: false, authority: "127.0.0.1:\(port)", target: target)
        let (events, inbox) = AsyncStream.makeStream(of: RelayLink.Event.self)
        self.events = events
        link = RelayLink(to: address) { inbox.yield($0) }
        link.start()
    }

    /// Skips to `event`.
    func wait(for event: RelayLink.Event) async {
        for await next in events where next == event { return }
    }

    /// The next text that came.
    func text() async -> String? {
        for await case .received(let text) in events { return text }
        return nil
    }
}

/// Our viewer: its side of the conversation over its link. The test plays the watchdog and the media.
@MainLoop
final class OurViewer {
    let peer: LinkedPeer
    private var talk = ViewerConversation(name: "s", preferring: [.vp8])
    private var steps: [ViewerConversation.Step] = []

    /// Its socket is up, and it has said hello.
    init(_ port: String) async {
        peer = LinkedPeer(port, "/viewer")
        await peer.wait(for: .up)
        handle(.joined)
    }

    func handle(_ event: ViewerConversation.Event) {
        take(talk.hear(event, at: MainLoop.now))
    }

    func request() {
        take(talk.carryOut(.reopen(.silence, silence: .seconds(10)), at: MainLoop.now))
    }

    private func take(_ steps: [ViewerConversation.Step]) {
        for step in steps {
            switch step {
            case .act(.send(let message)): peer.link.send(message.json.text)
            case .act, .tell: self.steps.append(step)
            case .report: break
            }
        }
    }

    /// What it next tells, or wants done beside sending.
    func step() async throws -> ViewerConversation.Step? {
        while steps.isEmpty, let text = await peer.text() {
            handle(.received(try SignalingMessage(json: JSONValue(parsing: text))))
        }
        return steps.isEmpty ? nil : steps.removeFirst()
    }
}

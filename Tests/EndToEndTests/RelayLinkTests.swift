// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Sockets
import Testing

/// Our own end of a relay's socket, against the first generation's relay and ours.
@Suite("A link to a relay", .timeLimit(.minutes(1)))
struct RelayLinkTests {
    /// A link and what came over it.
    @MainLoop
    final class Peer {
        let link: RelayLink
        private let inbox: Inbox

        init(_ port: String, _ target: String) {
            let address = WebSocketAddress(isSecure: false, authority: "127.0.0.1:\(port)", target: target)
            let inbox = Inbox()
            self.inbox = inbox
            link = RelayLink(to: address) { inbox.take($0) }
            link.start()
        }

        /// Skips to `event`.
        func wait(for event: RelayLink.Event) async { await inbox.wait(for: event) }
    }

    @MainLoop
    final class Inbox {
        private var events: [RelayLink.Event] = []
        private var waiting: (for: RelayLink.Event, CheckedContinuation<Void, Never>)?

        func wait(for event: RelayLink.Event) async {
            if let index = events.firstIndex(of: event) {
                events.removeFirst(index + 1)
                return
            }
            events = []
            await withCheckedContinuation { waiting = (event, $0) }
        }

        func take(_ event: RelayLink.Event) {
            guard let (expected, continuation) = waiting, expected == event else { return events.append(event) }
            waiting = nil
            continuation.resume()
        }
    }

    @Test("the first generation's relay carries what we send, in both directions")
    @MainLoop
    func oldRelay() async throws {
        let relay = try Program.node("old-relay.js", "--port", "0", "--http-port", "0")
        let port = try #require(
            await relay.line()?.split(separator: ":")[1].split(separator: ",").first.map(String.init))
        let camera = Peer(port, "/camera")
        await camera.wait(for: .up)
        let viewer = Peer(port, "/viewer")
        await viewer.wait(for: .up)
        // Ours alone: an old relay drops it, and goes on.
        viewer.link.send(#"{"type":"hello","session":"s"}"#)
        camera.link.send(#"{"type":"offer","sdp":"1"}"#)
        await viewer.wait(for: .received(#"{"type":"offer","sdp":"1"}"#))
        viewer.link.send(#"{"type":"answer","sdp":"2"}"#)
        await camera.wait(for: .received(#"{"type":"answer","sdp":"2"}"#))
        viewer.link.send(#"{"type":"reconnect_request","reason":"No frames for 10s"}"#)
        await camera.wait(for: .received(#"{"command":"reconnect"}"#))
    }

    @Test("camera and viewer are back each time that the relay is killed and started")
    @MainLoop
    func relayRestarts() async throws {
        var relay = try await RelayProcess()
        let port = relay.webSocketPort
        let camera = Peer(port, "/camera?token=\(RelayProcess.token)")
        let viewer = Peer(port, "/viewer?token=\(RelayProcess.token)")
        for round in 1...3 {
            await camera.wait(for: .up)
            await viewer.wait(for: .up)
            // Both are known to the relay before the camera speaks.
            viewer.link.send(#"{"type":"hello","session":"s"}"#)
            await viewer.wait(for: .received(#"{"camera_present":true,"role":"holder","type":"viewer_role"}"#))
            camera.link.send(#"{"type":"offer","sdp":"\#(round)"}"#)
            await viewer.wait(for: .received(#"{"type":"offer","sdp":"\#(round)"}"#))
            guard round < 3 else { return }
            relay.program.signal(9)
            await camera.wait(for: .down)
            await viewer.wait(for: .down)
            relay = try await RelayProcess(port: port)
        }
    }

    @Test("a stopped link does not dial again")
    @MainLoop
    func stopped() async throws {
        let relay = try await RelayProcess()
        let peer = Peer(relay.webSocketPort, "/camera?token=\(RelayProcess.token)")
        await peer.wait(for: .up)
        peer.link.stop()
        await peer.wait(for: .down)
        try await relay.program.line(with: "Camera disconnected")
    }
}

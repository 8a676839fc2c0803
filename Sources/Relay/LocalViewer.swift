// SPDX-License-Identifier: Apache-2.0

import MainLoop
import RelayClient
import Signaling
import Text
import Timing

/// A viewer in this process: the relay treats it like any other, but there is no socket.
@MainLoop
final class LocalViewer: RelayLine {
    /// How long it stays away once it was sent away.
    private static let absence = Duration.seconds(1)

    private let camera: CameraName
    private let handler: @MainLoop (LineEvent) -> Void
    private weak var relay: Relay?
    /// Its id while it is in.
    private var id: PeerID?
    private var deadline: Deadline?

    init(of camera: CameraName, at relay: Relay, _ handler: @escaping @MainLoop (LineEvent) -> Void) {
        self.camera = camera
        self.relay = relay
        self.handler = handler
        deadline = Deadline { [weak self] in self?.join() }
        // At once: a camera that has just come is about to offer.
        join()
    }

    func send(_ message: SignalingMessage) {
        if let id { relay?.heard(message, text: message.json.text, from: id) }
    }

    func stop() {
        deadline = nil
        leave()
    }

    /// Tells in a later turn, as a socket would: an answer might come before the relay has told everybody.
    func deliver(_ event: LineEvent) {
        MainLoop.post { [self] in
            guard id != nil else { return }
            if event == .down {
                leave()
                deadline?.arm(at: MainLoop.now + LocalViewer.absence)
            }
            handler(event)
        }
    }

    private func join() {
        deliver(.up)
        id = relay?.admit(self, toViewersOf: camera)
    }

    private func leave() {
        if let id = id.take() { relay?.left(id) }
    }
}

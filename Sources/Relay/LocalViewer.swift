// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling

/// A viewer in this process: the relay treats it like any other, but there is no socket.
@MainLoop
package final class LocalViewer {
    package enum Event: Equatable, Sendable {
        case received(String)
        /// The relay has let it go.
        case dismissed
    }

    private let handler: @MainLoop (Event) -> Void
    private weak var relay: Relay?
    private let id: PeerID
    private var isHere = true

    init(_ id: PeerID, at relay: Relay, _ handler: @escaping @MainLoop (Event) -> Void) {
        self.id = id
        self.relay = relay
        self.handler = handler
    }

    package func send(_ text: String) {
        if isHere { relay?.heard(text, from: id) }
    }

    package func leave() {
        guard isHere else { return }
        isHere = false
        relay?.left(id)
    }

    /// In a later turn, as a socket would: whoever is told may answer, and the relay has not yet told everybody.
    func deliver(_ event: Event) {
        MainLoop.post { [self] in
            guard isHere else { return }
            if event == .dismissed { leave() }
            handler(event)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Synchronization

/// Hears the other end close the DTLS connection, which webrtcbin does not tell: its own state stays `connected`.
final class Farewell: Sendable {
    private let connections = Mutex<[SignalConnection]>([])

    /// To be made once webrtcbin is connected, on its thread.
    init(of webrtcbin: Element, then: @escaping @MainLoop () -> Void) {
        let closed = Int(GST_WEBRTC_DTLS_TRANSPORT_STATE_CLOSED.rawValue)
        let handle = { @Sendable (change: borrowing Emission) in
            if change.object.property("state") == closed { MainLoop.post(then) }
        }
        connections.withLock {
            $0 = webrtcbin.transports.map { SignalConnection($0, onAnyThread: "notify::state", handle) }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Sockets
import Telemetry

/// The line to a relay in another process, which tells how it fares.
@MainLoop
package final class JoinedLine: RelayLine {
    private var link: RelayLink?

    /// `url` is what the log may see of the address.
    package init(
        to address: WebSocketAddress, shownAs url: String, _ limits: TransportLimits, jsonDepth: Int,
        report: @escaping @MainLoop (ServiceEvent) -> Void, _ handler: @escaping @MainLoop (LineEvent) -> Void
    ) {
        link = RelayLink(to: address, limits: limits) {
            switch $0 {
            case .up:
                report(.relayJoined(url: url))
                handler(.up)
            case .received(let text): handler(LineEvent(text, jsonDepth: jsonDepth))
            case .binary: handler(.picture)
            case .down:
                report(.relayLost(url: url))
                handler(.down)
            case .waiting(let wait, let why): report(.relayAwaited(url: url, in: wait, why: why))
            }
        }
        link?.start()
    }

    package func send(_ message: SignalingMessage) { link?.send(message.json.text) }

    package func stop() {
        link?.stop()
        link = nil
    }
}

extension LineEvent {
    fileprivate init(_ text: String, jsonDepth: Int) {
        do throws(SignalingMessage.Refusal) {
            self = .received(try SignalingMessage(parsing: text, maxDepth: jsonDepth))
        } catch {
            self = .ignored(error)
        }
    }
}

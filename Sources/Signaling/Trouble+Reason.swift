// SPDX-License-Identifier: Apache-2.0

import Timing
import Watchdog

extension FrameWatchdog.Trouble {
    /// What the camera's side is told of a request.
    func reason(after silence: Duration) -> String {
        switch self {
        case .silence: "No frames for \(silence.wholeSeconds)s"
        case .negotiation: "No connection"
        case .failure: "Connection failed"
        case .gone: "Camera closed the connection"
        case .missedOffer: "No offer came"
        case .refusedOffer: "Offer refused"
        }
    }
}

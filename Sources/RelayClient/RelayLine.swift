// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Text

/// The way to a relay: a socket, or the relay in this very process. Who uses it does not know which.
@MainLoop
package protocol RelayLine: AnyObject {
    /// Sends, or forgets what it is given while the line is down.
    func send(_ message: SignalingMessage)
    /// Hangs up for good, and tells nothing from then on.
    func stop()
}

/// What comes over a line.
package enum LineEvent: Equatable, Sendable {
    case up
    case received(SignalingMessage)
    case picture
    /// A relay newer than us may say what we do not know.
    case ignored(SignalingMessage.Refusal)
    case down
}

/// Opens a camera's line, which tells what comes from then on, but not before this has returned.
package typealias LineOpener = @MainLoop (CameraName, @escaping @MainLoop (LineEvent) -> Void) -> any RelayLine

// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling

/// The way to a relay: a socket, or the relay in this very process. A driver does not know which.
@MainLoop
package protocol RelayLine: AnyObject {
    /// Sends, or forgets what it is given while the line is down.
    func send(_ text: String)
    /// Hangs up for good.
    func stop()
}

/// What comes over a line.
package enum LineEvent: Equatable, Sendable {
    case up
    case received(String)
    case down
}

/// Opens a camera's line, which tells what comes from then on, but not before this has returned.
package typealias LineOpener = @MainLoop (CameraName, @escaping @MainLoop (LineEvent) -> Void) -> any RelayLine

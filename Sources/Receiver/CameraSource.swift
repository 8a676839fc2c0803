// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Watchdog

/// Where a camera's encoded frames come from, through connections that come and go: the half of it that acts.
///
/// It tells the conversation what happens on the wire and does what that says, and decides nothing. Frames it brings to
/// the camera's tap and stream.
@MainLoop
protocol CameraSource: AnyObject {
    associatedtype Talk: Conversation

    func perform(_ action: Talk.Action)
    func report(_ news: Talk.Report)
    /// Lets go of whatever it holds.
    func stop()
}

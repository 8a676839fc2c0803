// SPDX-License-Identifier: Apache-2.0

import Signaling
import Timing

/// Decides who is received when there are more cameras than places.
///
/// Names cost a relay's guests nothing, so there is a limit to how many are watched for ever. A new camera takes the
/// place of the one that has shown no sign of life for longest, if that is `patience`.
enum Roster {
    enum Verdict: Equatable {
        case admitted
        case admittedInsteadOf(CameraName)
        case refused
    }

    static let patience = Duration.seconds(600)

    /// `lastSigns` has an entry for each camera that is received.
    static func verdict(onOneMoreThan lastSigns: [CameraName: Instant], limit: Int, at now: Instant) -> Verdict {
        if lastSigns.count < limit { return .admitted }
        guard let (name, lastSign) = lastSigns.min(by: { $0.value < $1.value }), lastSign + patience <= now else {
            return .refused
        }
        return .admittedInsteadOf(name)
    }
}

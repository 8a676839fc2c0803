// SPDX-License-Identifier: Apache-2.0

import Signaling
import Timing

/// Decides who is received when there are more cameras than places.
///
/// Names cost a relay's guests nothing, so there is a limit to how many are watched for ever. A new camera takes the
/// place of one that is gone, or else of one that has shown no sign of life for `patience`; of several, of the one whose
/// last sign is the oldest.
enum Roster {
    struct Sign: Equatable {
        /// When the camera last showed that it lives.
        let at: Instant
        let isConnected: Bool
    }

    enum Verdict: Equatable {
        case admitted
        case admittedInsteadOf(CameraName)
        case refused
    }

    static let patience = Duration.seconds(600)

    /// `lastSigns` has an entry for each camera that is received.
    static func verdict(onOneMoreThan lastSigns: [CameraName: Sign], limit: Int, at now: Instant) -> Verdict {
        if lastSigns.count < limit { return .admitted }
        let (connected, gone) = (lastSigns.filter(\.value.isConnected), lastSigns.filter { !$0.value.isConnected })
        let silent = connected.filter { $0.value.at + patience <= now }
        let oldest = (gone.isEmpty ? silent : gone).min { $0.value.at < $1.value.at }
        return oldest.map { .admittedInsteadOf($0.key) } ?? .refused
    }
}

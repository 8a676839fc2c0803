// SPDX-License-Identifier: Apache-2.0

import Signaling
import Text
import Timing

/// Decides who is received when there are more cameras than places.
///
/// 1. Names cost a relay's guests nothing, so there is a limit to how many are watched for ever. A new camera takes the
///    place of one that is gone, or else of one that has shown no sign of life for `patience`; of several, of the one
///    whose last sign is the oldest.
/// 2. Who is refused is looked at again: `secondLook` after the first of them was.
struct Roster {
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
    static let secondLook = Duration.seconds(30)

    /// When the refused are due.
    private(set) var nextDeadline: Instant?
    private var refused: [CameraName] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// `lastSigns` has an entry for each camera that is received.
    mutating func judge(_ camera: CameraName, beside lastSigns: [CameraName: Sign], at now: Instant) -> Verdict {
        if lastSigns.count < limit { return .admitted }
        let (connected, gone) = (lastSigns.filter(\.value.isConnected), lastSigns.filter { !$0.value.isConnected })
        let silent = connected.filter { $0.value.at + Roster.patience <= now }
        let oldest = (gone.isEmpty ? silent : gone).min { $0.value.at < $1.value.at }
        if let oldest { return .admittedInsteadOf(oldest.key) }
        refuse(camera, at: now)
        return .refused
    }

    /// Hands over those who are to be looked at again, once their time has come.
    mutating func takeRefused(at now: Instant) -> [CameraName] {
        guard let due = nextDeadline, due <= now else { return [] }
        defer { (nextDeadline, refused) = (nil, []) }
        return refused
    }

    private mutating func refuse(_ camera: CameraName, at now: Instant) {
        guard !refused.contains(camera), refused.count < limit else { return }
        // The first one's time counts: they may come without end.
        if refused.isEmpty { nextDeadline = now + Roster.secondLook }
        refused.append(camera)
    }
}

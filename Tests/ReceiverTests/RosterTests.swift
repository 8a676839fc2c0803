// SPDX-License-Identifier: Apache-2.0

import Signaling
import Testing
import Timing

@testable import Receiver

struct RosterTests {
    static let front = CameraName("front"), back = CameraName("back")

    /// When each camera last showed that it lives, in seconds (one that is gone: less than nothing), and what follows for
    /// a third at 1,000 s.
    @Test(arguments: [
        (limit: 3, front: 0, back: 0, Roster.Verdict.admitted),
        (limit: 2, front: 999, back: 401, .refused),
        (limit: 2, front: 999, back: 400, back.map { .admittedInsteadOf($0) }),
        (limit: 2, front: 100, back: 300, front.map { .admittedInsteadOf($0) }),
        (limit: 1, front: 1_000, back: 1_000, .refused),
        (limit: 2, front: 100, back: -999, back.map { .admittedInsteadOf($0) }),
        (limit: 2, front: -999, back: -998, back.map { .admittedInsteadOf($0) }),
    ])
    func `one more camera takes a free place, or that of one that is gone or was silent for ten minutes`(
        limit: Int, front: Int, back: Int, expected: Roster.Verdict?
    ) throws {
        let start = Instant(sinceOrigin: .zero)
        let signs = [
            try #require(Self.front): Roster.Sign(at: start + .seconds(abs(front)), isConnected: front >= 0),
            try #require(Self.back): Roster.Sign(at: start + .seconds(abs(back)), isConnected: back >= 0),
        ]
        let verdict = Roster.verdict(onOneMoreThan: signs, limit: limit, at: start + .seconds(1_000))
        #expect(verdict == expected)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Signaling
import Testing
import Text
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
        var roster = Roster(limit: limit)
        let third = try #require(CameraName("third"))
        #expect(roster.judge(third, beside: signs, at: start + .seconds(1_000)) == expected)
    }

    @Test
    func `who is refused is looked at again, half a minute after the first of them, and no more than there are places`()
        throws
    {
        let start = Instant(sinceOrigin: .zero)
        var roster = Roster(limit: 2)
        let names = try (1...4).map { try #require(CameraName("camera\($0)")) }
        let signs = Dictionary(
            uniqueKeysWithValues: names[..<2].map { ($0, Roster.Sign(at: start, isConnected: true)) })
        func refuse(_ name: CameraName, after seconds: Int) {
            #expect(roster.judge(name, beside: signs, at: start + .seconds(seconds)) == .refused)
        }
        #expect(roster.nextDeadline == nil)
        refuse(names[2], after: 10)
        refuse(names[2], after: 20)
        refuse(names[3], after: 30)
        let fifth = try #require(CameraName("camera5"))
        refuse(fifth, after: 35)
        #expect(roster.nextDeadline == start + .seconds(40))
        #expect(roster.takeRefused(at: start + .seconds(39)) == [])
        #expect(roster.takeRefused(at: start + .seconds(40)) == [names[2], names[3]])
        #expect(roster.nextDeadline == nil)
        refuse(fifth, after: 40)
        #expect(roster.nextDeadline == start + .seconds(70))
    }
}

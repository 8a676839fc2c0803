// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing

@testable import Simulation

struct SummaryTests {
    @Test func `a summary reads well`() {
        var summary = Summary()
        summary.seeds = 200
        summary.time = .seconds(200 * 24 * 3600)
        summary.frames = 518_400_000
        summary.episodes = 31_161
        summary.requests = 999
        summary.recordDetection(.seconds(10))
        for tenths in [110, 120, 900] { summary.recordRecovery(.milliseconds(100 * tenths + 7)) }
        #expect(
            summary.description == """
                seeds       200 (4,800 virtual hours)
                frames      518,400,000
                episodes    31,161 (a stream died, failed, or never came)
                detection   10.000 s after the last new frame at worst
                recovery    12.000 s in the median, 90.007 s at worst,
                            from the last new frame, or from when phone and network were well again if that was later
                requests    999
                violations  0
                """)
    }
}

struct AgendaTests {
    @Test func `what is planned comes in the order of time, and of planning where times are equal`() {
        var agenda = Agenda()
        for (socket, second) in [5, 1, 3, 1, 3, 0].enumerated() {
            agenda.plan(.offerIsLate(socket: socket), at: .start + .seconds(second))
        }
        #expect(agenda.nextTime == .start)
        #expect(agenda.drain() == [5, 1, 3, 2, 4, 0])
    }

    @Test func `what is postponed keeps its place among equals`() throws {
        var agenda = Agenda()
        let later = Instant.start + .seconds(9)
        agenda.plan(.offerIsLate(socket: 0), at: .start)
        agenda.plan(.offerIsLate(socket: 1), at: later)
        let first = agenda.takeFirst()
        agenda.postpone(try #require(first), to: later)
        #expect(agenda.drain() == [0, 1])
        #expect(agenda.nextTime == .never)
    }
}

extension Agenda {
    fileprivate mutating func drain() -> [Int] {
        var sockets: [Int] = []
        while let entry = takeFirst() {
            if case .offerIsLate(let socket) = entry.occurrence { sockets.append(socket) }
        }
        return sockets
    }
}

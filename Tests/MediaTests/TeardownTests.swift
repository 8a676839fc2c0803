// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import MainLoop
import Signaling
import Testing
import Timing

@testable import Media

extension PeerTests {
    @MainLoop
    @Suite(.serialized, .timeLimit(.minutes(5)))
    struct TeardownTests {
        @Test(arguments: Meeting.Stage.allCases)
        func `a peer can be closed at every stage, and nothing is told after that`(stage: Meeting.Stage) async throws {
            let complaints = Complaints.all.count
            for _ in 1...5 {
                let meeting = try Meeting(withDataChannel: true)
                await meeting.reach(stage)
                meeting.peer.close()
                meeting.peer.close()
                let toldBefore = meeting.told.count
                _ = meeting.tap.drain()
                for await event in meeting.events { if case .closed = event { break } }
                #expect(meeting.told.count == toldBefore + 1)
                #expect(meeting.tap.drain() == nil)
                await meeting.camera.close()
            }
            #expect(Complaints.all.dropFirst(complaints) == [])
        }

        @Test func `a peer that is closed with questions open leaves no complaint`() async throws {
            let complaints = Complaints.all.count
            for _ in 1...10 {
                let meeting = try Meeting()
                await meeting.reach(.firstFrame)
                for _ in 1...30 { meeting.peer.statistics(within: .seconds(5)) { _ in } }
                await meeting.end()
            }
            #expect(Complaints.all.dropFirst(complaints) == [])
        }

        @Test func `a camera that closes its connection is known to have closed it`() async throws {
            let meeting = try Meeting(withDataChannel: true)
            await meeting.reach(.firstFrame)
            meeting.camera.sayFarewell()
            #expect(await meeting.failure() == .closedByPeer)
            await meeting.end()
        }

        @Test func `100 sessions leave neither descriptors nor threads behind`() async throws {
            try await connect(times: 10)
            let before = Footprint.now
            try await connect(times: 100)
            // Idle threads of GLib's pool live on for 15 s.
            let after = await Footprint.settled(atMost: before)
            #expect(after.descriptors <= before.descriptors)
            #expect(after.threads <= before.threads)
        }

        @Test func `a teardown that hangs is reported once it is late, and again when it ends`() async throws {
            let (reports, report) = AsyncStream.makeStream(of: Teardown.Progress.self)
            let gate = DispatchSemaphore(value: 0)
            Teardown.begin(limit: .milliseconds(10), { gate.wait() }) { report.yield($0) }
            var iterator = reports.makeAsyncIterator()
            #expect(await iterator.next() == .overdue)
            gate.signal()
            guard case .done(let duration) = await iterator.next() else {
                Issue.record("the end was not reported")
                return
            }
            #expect(duration >= .milliseconds(10))
        }

        private func connect(times: Int) async throws {
            for _ in 1...times {
                let meeting = try Meeting(withDataChannel: true)
                await meeting.reach(.firstFrame)
                await meeting.end()
            }
        }
    }
}

/// What the process holds.
struct Footprint {
    let descriptors: Int
    let threads: Int

    static var now: Footprint {
        Footprint(descriptors: count("/proc/self/fd"), threads: count("/proc/self/task"))
    }

    /// The first footprint that is no larger than `limit`, or the one after 30 s.
    @MainLoop
    static func settled(atMost limit: Footprint) async -> Footprint {
        var looks = 0
        while true {
            let footprint = now
            looks += 1
            if footprint.descriptors <= limit.descriptors && footprint.threads <= limit.threads { return footprint }
            if looks == 60 { return footprint }
            await pass(.milliseconds(500))
        }
    }

    private static func count(_ directory: String) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: directory).count) ?? .max
    }
}

// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Testing

@testable import Media

extension PeerTests {
    @MainLoop
    @Suite(.serialized, .timeLimit(.minutes(3)))
    struct PathRestartTests {
        @Test(arguments: VideoCodec.allCases)
        func `ICE restarts under fresh names, and frames and keepalives go on`(codec: VideoCodec) async throws {
            let meeting = try Meeting(codec, withDataChannel: true)
            var names = [try await meeting.begin()]
            for _ in 1...3 {
                names.append(try await meeting.restart())
                await meeting.reachFrames()
                await meeting.reachKeepalives()
            }
            #expect(Set(names).count == 4)
            #expect(meeting.told.filter { $0 == .firstFrame }.count == 1)
            await meeting.end()
        }

        @Test func `an offer after a restart is answered with the name that holds`() async throws {
            let meeting = try Meeting()
            _ = try await meeting.begin()
            let name = try await meeting.restart()
            meeting.camera.offer()
            await meeting.reach(.answered)
            #expect(try meeting.name == name)
            await meeting.reachFrames()
            await meeting.end()
        }

        @Test func `a camera that takes an answer for that to its next restart finds the path`() async throws {
            let meeting = try Meeting(withDataChannel: true)
            _ = try await meeting.begin()
            var answers: [String] = []
            meeting.deliver = { answers.append($0) }
            meeting.camera.offer(restartingICE: true)
            await meeting.reach(.answered)
            let name = try meeting.name
            meeting.camera.offer(restartingICE: true)
            await meeting.reach(.answered)
            #expect(try meeting.name == name)
            meeting.camera.take(answer: try #require(answers.first))
            await meeting.reach(.pathFound)
            await meeting.reachFrames()
            await meeting.reachKeepalives()
            await meeting.end()
        }

        @Test func `20 restarts leave neither descriptors nor threads behind`() async throws {
            let meeting = try Meeting(withDataChannel: true)
            _ = try await meeting.begin()
            _ = try await meeting.restart()
            // The first deadline has descriptors of its own.
            await pass(.milliseconds(1))
            let before = Footprint.now
            for _ in 1...20 { _ = try await meeting.restart() }
            let after = await Footprint.settled(atMost: before)
            #expect(after.descriptors <= before.descriptors)
            #expect(after.threads <= before.threads)
            await meeting.reachFrames()
            await meeting.end()
        }
    }
}

extension Meeting {
    /// Ours, in the newest answer.
    fileprivate var name: String {
        get throws {
            let lines = try #require(answer).description.split(separator: "\r\n")
            let names = lines.filter { $0.hasPrefix("a=ice-ufrag:") }
            #expect(!names.isEmpty && Set(names).count == 1)
            return String(names.first ?? "")
        }
    }

    fileprivate func begin() async throws -> String {
        await reach(.firstFrame)
        return try name
    }

    /// Returns once ICE has found a path.
    fileprivate func restart() async throws -> String {
        camera.offer(restartingICE: true)
        await reach(.answered)
        await reach(.pathFound)
        return try name
    }

    fileprivate func reachFrames() async {
        let before = tap.meter.total
        for await reading in readings { if reading.total > before + 60 { return } }
    }

    fileprivate func reachKeepalives() async {
        if !told.contains(.dataChannelOpened) { await reach(.dataChannelOpened) }
        peer.ping()
        var messages = messages.makeAsyncIterator()
        #expect(await messages.next() == [0x00, 0x50, 0x49, 0x4E, 0x47])
        camera.send([0x00, 0x50, 0x4F, 0x4E, 0x47])
        await reach(.pong)
    }
}

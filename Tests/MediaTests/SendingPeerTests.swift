// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Testing
import Timing

@testable import Media

extension PeerTests {
    @MainLoop
    @Suite(.serialized, .timeLimit(.minutes(3)))
    struct SendingPeerTests {
        @Test(arguments: VideoCodec.allCases)
        func `frames are received at the camera's rate, beginning with a keyframe`(codec: VideoCodec) async throws {
            let call = try Call(codec)
            let connection = try await call.connect()
            var readings = call.readings.makeAsyncIterator()
            _ = await readings.next()
            #expect(try #require(call.tap.drain()).keyframes >= 1)
            let reading = try #require(await readings.next())
            #expect((20...45).contains(reading.fps))
            #expect(call.tap.damaged == 0)
            await connection.end()
            await call.end()
        }

        @Test(arguments: VideoCodec.allCases)
        func `the offer is one of a phone`(codec: VideoCodec) async throws {
            let call = try Call(codec)
            let connection = try await call.connect(sound: .ticks)
            let offer = try #require(connection.offer)
            #expect(offer.sections.map(\.kind) == [.audio, .video, .application])
            let video = offer.sections[1]
            let payload = try #require(video.codecs.first)
            #expect(video.codecs.contains { $0.repairedPayload == payload.payload })
            #expect(video.extensions.map(\.uri) == [HeaderExtension.transportWideCC])
            for line in ["nack", "nack pli", "transport-cc"] {
                #expect(offer.description.contains("a=rtcp-fb:\(payload.payload) \(line)\r\n"))
            }
            if codec == .h264 {
                #expect(payload.parameter("profile-level-id") == "42e01f")
                #expect(payload.parameter("packetization-mode") == "1")
            }
            await connection.end()
            await call.end()
        }

        @Test
        func `a zombie sends nothing and stays connected, and the next connection has frames again`() async throws {
            let call = try Call()
            let zombie = try await call.connect()
            zombie.sender?.stopFrames()
            // What is on its way still arrives.
            await pass(.seconds(1))
            _ = call.tap.drain()
            await pass(.seconds(2))
            #expect(call.tap.drain() == nil)
            zombie.receiver?.ping()
            await zombie.receive(.pong)
            #expect(!zombie.told.contains(.iceState(.disconnected)))

            let fresh = try await call.connect()
            await zombie.end()
            var readings = call.readings.makeAsyncIterator()
            #expect(await readings.next() != nil)
            #expect(try #require(call.tap.drain()).keyframes >= 1)
            await fresh.end()
            await call.end()
        }

        @Test(arguments: VideoCodec.allCases)
        func `a keyframe comes when it is asked for`(codec: VideoCodec) async throws {
            let call = try Call(codec)
            let connection = try await call.connect()
            var readings = call.readings.makeAsyncIterator()
            _ = await readings.next()
            let first = try #require(call.tap.drain()).keyframes
            call.stream.wantKeyframe()
            _ = await readings.next()
            let second = try #require(call.tap.drain()).keyframes
            #expect(first >= 1 && second >= 1)
            // And no other comes, but where a busy machine lost packets.
            let asked = try #require(await connection.receiver?.statistics(within: .seconds(5))).keyframeRequestsSent
            #expect(first + second <= 1 + asked)
            await connection.end()
            await call.end()
        }

        @Test func `a viewer without the certificate that its answer announced gets no frame`() async throws {
            let call = try Call()
            let connection = try call.dial { $0.corruptingFingerprints() }
            await connection.send(.failed(.fingerprintMismatch))
            connection.sender?.startFrames()
            await pass(.seconds(1))
            #expect(call.tap.drain() == nil)
            await connection.end()
            await call.end()
        }

        @Test(arguments: ["a=mid:", "a=ice-ufrag:", "a=setup:", "m="])
        func `an answer that cannot be taken is a failure`(line: String) async throws {
            let call = try Call()
            let connection = try call.dial {
                $0.split(separator: "\r\n").filter { !$0.hasPrefix(line) }.joined(separator: "\r\n") + "\r\n"
            }
            let failure = await connection.failure()
            guard case .refused = failure else {
                Issue.record("the answer was not refused: \(String(describing: failure))")
                return
            }
            await connection.end()
            await call.end()
        }

        @Test func `100 connections leave neither descriptors nor threads behind`() async throws {
            let call = try Call()
            try await connect(call, times: 10)
            let before = Footprint.now
            try await connect(call, times: 100)
            let after = await Footprint.settled(atMost: before)
            #expect(after.descriptors <= before.descriptors)
            #expect(after.threads <= before.threads)
            await call.end()
        }

        private func connect(_ call: Call, times: Int) async throws {
            for _ in 1...times { await (try call.connect()).end() }
        }
    }
}

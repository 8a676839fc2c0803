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
        static func small(_ codec: VideoCodec = .h264) -> VideoSettings {
            var settings = VideoSettings()
            settings.codec = codec
            settings.size = VideoSettings.Size(width: 320, height: 240)
            return settings
        }

        @Test("frames are received at the camera's rate, beginning with a keyframe", arguments: VideoCodec.allCases)
        func sends(codec: VideoCodec) async throws {
            let call = try Call(SendingPeerTests.small(codec))
            let connection = try call.connect()
            await connection.reach(.connectionState(.connected))
            connection.sender?.startFrames()
            var readings = call.readings.makeAsyncIterator()
            _ = await readings.next()
            #expect(call.tap.drain()?.keyframes == 1)
            let reading = try #require(await readings.next())
            #expect((25...35).contains(reading.fps))
            #expect(call.tap.damaged == 0)
            await connection.end()
            call.source.close()
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Testing

@testable import Media

@MainLoop
@Suite(.serialized, .timeLimit(.minutes(3)))
struct PeerTests {
    @Test("frames are counted at the camera's rate", arguments: VideoCodec.allCases)
    func countsFrames(codec: VideoCodec) async throws {
        let meeting = try Meeting(codec)
        await meeting.reach(.firstFrame)
        var readings = meeting.readings.makeAsyncIterator()
        _ = await readings.next()
        let reading = try #require(await readings.next())
        #expect(reading.total == 120)
        #expect((25...35).contains(reading.fps))
        let progress = try #require(meeting.tap.drain())
        #expect(progress.frames >= 120)
        #expect(progress.keyframes >= 1)
        await meeting.end()
    }

    @Test("a certificate that the offer did not announce gives no frame and one failure")
    func comparesFingerprints() async throws {
        let meeting = try Meeting { $0.corruptingFingerprints() }
        #expect(await meeting.failure() == .fingerprintMismatch)
        #expect(meeting.tap.drain() == nil)
        await meeting.end()
        #expect(meeting.tap.meter.total == 0)
    }
}

extension String {
    /// The same with another last byte in every fingerprint.
    fileprivate func corruptingFingerprints() -> String {
        split(separator: "\r\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("a=fingerprint:") ? $0.dropLast(2) + ($0.hasSuffix("00") ? "01" : "00") : $0 }
            .joined(separator: "\r\n")
    }
}

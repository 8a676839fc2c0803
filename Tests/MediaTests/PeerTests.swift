// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling
import Testing
import Timing

@testable import Media

// They share the machine's cores and count what the process holds: one after the other.
@MainLoop
@Suite(.serialized, .timeLimit(.minutes(3)))
struct PeerTests {
    @Test(arguments: VideoCodec.allCases)
    func `frames are counted at the camera's rate`(codec: VideoCodec) async throws {
        let meeting = try Meeting(codec)
        await meeting.reach(.firstFrame)
        var readings = meeting.readings.makeAsyncIterator()
        _ = await readings.next()
        let reading = try #require(await readings.next())
        #expect(reading.total == 120)
        #expect((20...45).contains(reading.fps))
        let progress = try #require(meeting.tap.drain())
        #expect(progress.frames >= 120)
        #expect(progress.keyframes >= 1)
        await meeting.end()
    }

    @Test func `a certificate that the offer did not announce gives no frame and one failure`() async throws {
        let meeting = try Meeting { $0.corruptingFingerprints() }
        #expect(await meeting.failure() == .fingerprintMismatch)
        // Its frames go on to arrive.
        await pass(.seconds(1))
        #expect(meeting.tap.drain() == nil)
        await meeting.end()
        #expect(meeting.tap.meter.total == 0)
        #expect(!meeting.told.contains(.connectionState(.connected)))
    }

    @Test func `sound is answered as inactive, ahead of the video that is received`() async throws {
        let meeting = try Meeting(withAudio: true, withDataChannel: true)
        await meeting.reach(.firstFrame)
        let answer = try #require(meeting.answer)
        #expect(answer.sections.map(\.kind) == meeting.negotiation?.received.sections.map(\.kind))
        let directions = answer.description.split(separator: "\r\n").filter {
            ["a=inactive", "a=recvonly", "a=sendrecv", "a=sendonly"].contains($0)
        }
        #expect(directions.sorted() == ["a=inactive", "a=recvonly"])
        #expect(answer.sections.allSatisfy { !$0.isRejected })
        await meeting.end()
    }

    @Test
    func `the answer takes the chosen payload, retransmission and transport-wide feedback of the offer`() async throws {
        let meeting = try Meeting { $0.offeringLikeAPhone() }
        await meeting.reach(.remoteDescriptionSet)
        for await event in meeting.events { if case .localDescription = event { break } }
        let text = try #require(meeting.answer?.description)
        let video = try #require(meeting.answer?.sections.first)
        #expect(video.codecs.map(\.payload) == [102, 103])
        #expect(video.codecs.last?.repairedPayload == 102)
        #expect(text.contains("a=rtcp-fb:102 nack pli\r\n"))
        #expect(text.contains("a=rtcp-fb:102 transport-cc\r\n"))
        #expect(video.extensions.map(\.uri) == [HeaderExtension.transportWideCC])
        #expect(video.extensions.first?.id == 5)
        await meeting.end()
    }

    @Test func `a session connects without the names that are offered in place of addresses`() async throws {
        let name = "candidate:1 1 udp 2122260223 0f0a-phone.local 50000 typ host"
        let meeting = try Meeting { $0 + "a=\(name)\r\n" }
        meeting.trickled(name, section: 0)
        await meeting.reach(.firstFrame)
        #expect(meeting.droppedCandidates == [.localName])
        await meeting.end()
    }

    @Test func `candidates that come before the offer are no harm`() async throws {
        let meeting = try Meeting()
        meeting.trickled("candidate:1 1 udp 2122260223 127.0.0.1 9 typ host", section: 0)
        await meeting.reach(.firstFrame)
        await meeting.end()
    }

    @Test func `keepalives are answered, both ways`() async throws {
        let meeting = try Meeting(withDataChannel: true)
        await meeting.reach(.dataChannelOpened)
        meeting.camera.send([0x00, 0x50, 0x49, 0x4E, 0x47])
        meeting.peer.ping()
        var messages: Set<[UInt8]> = []
        for await message in meeting.messages {
            messages.insert(message)
            if messages.count == 2 { break }
        }
        #expect(messages == [[0x00, 0x50, 0x4F, 0x4E, 0x47], [0x00, 0x50, 0x49, 0x4E, 0x47]])
        meeting.camera.send([0x00, 0x50, 0x4F, 0x4E, 0x47])
        await meeting.reach(.pong)
        await meeting.end()
    }

    @Test func `an offer that goes on with the session is answered, and so do its frames`() async throws {
        let meeting = try Meeting(withAudio: true)
        await meeting.reach(.firstFrame)
        meeting.camera.offer()
        await meeting.reach(.answered)
        _ = meeting.tap.drain()
        var readings = meeting.readings.makeAsyncIterator()
        _ = await readings.next()
        _ = await readings.next()
        #expect(try #require(meeting.tap.drain()).frames > 60)
        #expect(meeting.told.filter { $0 == .firstFrame }.count == 1)
        await meeting.end()
    }

    @Test(arguments: VideoCodec.allCases)
    func `a keyframe comes when it is asked for`(codec: VideoCodec) async throws {
        let meeting = try Meeting(codec)
        var readings = meeting.readings.makeAsyncIterator()
        _ = await readings.next()
        // A busy machine may lose packets, for which keyframes are asked, too.
        #expect(try #require(meeting.tap.drain()).keyframes >= 1)
        let before = try #require(await meeting.statistics(within: .seconds(5)))
        meeting.stream.wantKeyframe()
        _ = await readings.next()
        #expect(try #require(meeting.tap.drain()).keyframes >= 1)
        let after = try #require(await meeting.statistics(within: .seconds(5)))
        #expect(after.keyframeRequestsSent > before.keyframeRequestsSent)
        await meeting.end()
    }

    @Test
    func `a stream begins with its first packets, and not when the jitter buffer's latency is over`() async throws {
        let meeting = try Meeting()
        await meeting.reach(.firstFrame)
        #expect(meeting.peer.fastStarts == [4])
        await meeting.end()
    }

    @Test func `statistics are of the video`() async throws {
        let meeting = try Meeting(withAudio: true)
        await meeting.reach(.firstFrame)
        let statistics = try #require(await meeting.statistics(within: .seconds(5)))
        #expect(statistics.packetsReceived > 0)
        #expect(statistics.bytesReceived > 0)
        #expect(statistics.packetsLost == 0)
        await meeting.end()
        #expect(await meeting.statistics(within: .seconds(5)) == nil)
    }

    @Test func `a question has one answer, be it that time is up`() async {
        let (answers, answer) = AsyncStream.makeStream(of: Int?.self)
        _ = FirstAnswer(within: .milliseconds(10)) { answer.yield($0) }
        let asked = FirstAnswer(within: .milliseconds(10)) { answer.yield($0) }
        asked.give(1)
        asked.give(2)
        await pass(.milliseconds(100))
        answer.finish()
        #expect(await Array(answers) == [1, nil])
    }

    @Test(arguments: Quirk.allCases)
    func `offers with what webrtcbin does not take are answered`(quirk: Quirk) async throws {
        let meeting = try Meeting(withAudio: true, withDataChannel: true) { quirk.rewrite($0) }
        await meeting.reach(.answered)
        #expect(meeting.answer?.sections.map(\.kind) == meeting.negotiation?.received.sections.map(\.kind))
        await meeting.end()
    }

    @Test func `a direction that changes on a live connection is answered`() async throws {
        let wish = Wish()
        let meeting = try Meeting { $0.replacing("a=sendrecv", with: "a=\(wish.direction)") }
        for direction in ["inactive", "sendonly", "recvonly", "sendonly"] {
            wish.direction = direction
            if direction != "inactive" { meeting.camera.offer() }
            await meeting.reach(.answered)
            let wanted = direction == "sendonly" ? "a=recvonly\r\n" : "a=inactive\r\n"
            #expect(meeting.answer?.description.contains(wanted) == true)
        }
        await meeting.end()
    }

    @Test func `what webrtcbin says of a description comes without the passwords in it`() async throws {
        let meeting = try Meeting(withAudio: true)
        await meeting.reach(.firstFrame)
        let offer = try #require(meeting.negotiation?.received.description)
        let passwords = offer.values(of: "a=ice-pwd:") + ["another0another0another0"[...]]
        let differing = offer.replacingLast("a=ice-pwd:", with: "a=ice-pwd:another0another0another0\r\na=x:")
        meeting.peer.connection.set("set-remote-description", GST_WEBRTC_SDP_TYPE_OFFER, differing) {}
        guard case .refused(let words)? = await meeting.failure() else {
            Issue.record("the offer was not refused")
            return
        }
        #expect(words.contains("ice-pwd"))
        for password in passwords { #expect(!words.contains(password)) }
        await meeting.end()
    }
}

/// Which way a camera says that its video goes.
@MainLoop
private final class Wish {
    var direction = "inactive"
}

/// What strangers offer.
enum Quirk: String, CaseIterable {
    case sessionLevelSetup, noMids, plainProfile, refusedSound, unknownSound, bundleOnly, twoPasswords, noBundle,
        strangeSection

    fileprivate func rewrite(_ offer: String) -> String {
        switch self {
        case .sessionLevelSetup:
            offer.replacing("a=setup:actpass\r\n", with: "")
                .replacing("t=0 0\r\n", with: "t=0 0\r\na=setup:actpass\r\n")
        case .noMids: offer.replacing("a=mid:", with: "a=x:")
        case .plainProfile: offer.replacing("UDP/TLS/RTP/SAVPF", with: "RTP/SAVPF")
        case .refusedSound: offer.replacing("m=audio 9", with: "m=audio 0")
        case .unknownSound: offer.replacing("a=rtpmap:111", with: "a=x:111")
        case .bundleOnly:
            offer.replacing("m=video 9", with: "m=video 0").replacing("a=sendrecv", with: "a=sendrecv\r\na=bundle-only")
        case .twoPasswords: offer.replacingLast("a=ice-pwd:", with: "a=ice-pwd:another0another0another0")
        case .noBundle: offer.replacing("a=group:", with: "a=x:")
        case .strangeSection: offer + "m=text 9 UDP/TLS/RTP/SAVPF 98\r\na=rtpmap:98 t140/1000\r\na=mid:x\r\n"
        }
    }
}

extension String {
    /// The same with another last byte in every fingerprint.
    func corruptingFingerprints() -> String {
        rewritingLines { line in
            guard line.hasPrefix("a=fingerprint:") else { return [line] }
            return [line.dropLast(2) + (line.hasSuffix("00") ? "01" : "00")]
        }
    }

    /// H264 in two profiles with retransmission, and header extensions.
    fileprivate func offeringLikeAPhone() -> String {
        let codecs = [
            "a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 nack pli", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96",
            "a=rtpmap:100 H264/90000",
            "a=fmtp:100 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f",
            "a=rtpmap:102 H264/90000",
            "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
            "a=rtcp-fb:102 transport-cc", "a=rtcp-fb:102 ccm fir", "a=rtcp-fb:102 nack", "a=rtcp-fb:102 nack pli",
            "a=rtpmap:103 rtx/90000", "a=fmtp:103 apt=102",
            "a=extmap:4 \(HeaderExtension.videoOrientation)", "a=extmap:5 \(HeaderExtension.transportWideCC)",
        ]
        return rewritingLines { line in
            if line.hasPrefix("m=video") { return ["m=video 9 UDP/TLS/RTP/SAVPF 96 97 100 102 103"] }
            if line.hasPrefix("a=rtpmap:96") { return codecs.map { $0[...] } }
            return ["a=fmtp:", "a=rtcp-fb:", "a=rtpmap:", "a=framerate"].contains { line.hasPrefix($0) } ? [] : [line]
        }
    }

    /// What stands behind this beginning of its lines.
    fileprivate func values(of beginning: String) -> [Substring] {
        split(separator: "\r\n").filter { $0.hasPrefix(beginning) }.map { $0.dropFirst(beginning.count) }
    }

    /// The same with another beginning of the last line that begins so.
    fileprivate func replacingLast(_ beginning: String, with other: String) -> String {
        guard let last = ranges(of: "\r\n" + beginning).last else { return self }
        return self[..<last.lowerBound] + "\r\n" + other + self[last.upperBound...]
    }

    private func rewritingLines(_ rewrite: (Substring) -> [Substring]) -> String {
        split(separator: "\r\n").flatMap(rewrite).joined(separator: "\r\n") + "\r\n"
    }
}

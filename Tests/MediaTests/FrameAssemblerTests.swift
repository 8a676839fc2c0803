// SPDX-License-Identifier: Apache-2.0

import Signaling
import Testing
import Timing

@testable import Media

struct FrameAssemblerTests {
    private var assembler = FrameAssembler()

    /// Frames that come of packets, by their timestamps.
    private mutating func frames(of packets: [RTPPacket]) -> [UInt32] {
        packets.flatMap { packet -> [UInt32] in
            let (before, completed) = assembler.take(packet)
            return [before, completed].compactMap { $0?.timestamp }
        }
    }

    /// `10/3000` is packet 10 of the frame 3000; `!` marks its end, `k` shows a keyframe, `_` is padding.
    private static func packets(_ text: String) -> [RTPPacket] {
        text.split(separator: " ").map { word in
            let numbers = word.split(separator: "/").map { part in part.filter(\.isNumber) }
            return RTPPacket(
                marker: word.contains("!"), sequence: UInt16(numbers[0]) ?? 0, timestamp: UInt32(numbers[1]) ?? 0,
                payloadSize: word.contains("_") ? 0 : 100, showsKeyframe: word.contains("k"))
        }
    }

    @Test(
        arguments: [
            ("1/10 2/10! 3/20!", [10, 20]),
            ("1/10 2/20 3/30", [10, 20]),
            ("1/10! 2/10 3/10! 4/20!", [10, 20]),
            ("1/10! 2/10_ 3/20_ 4/20!", [10, 20]),
            ("1/10 3/10! 4/20!", [20]),
            ("1/10! 2/20 4/30! 5/40!", [10, 40]),
            ("1/10! 3/30! 4/40!", [10, 40]),
            ("1/10! 2/20! 1/10! 3/30!", [10, 20, 30]),
            ("65535/10! 0/20! 1/30!", [10, 20, 30]),
            ("1/10 2/20! 3/20! 4/30", [10, 20]),
            ("2000/10! 1001/20! 2001/30!", [10, 30]),
            ("2000/10! 999/20! 1000/30! 1001/40!", [10, 30, 40]),
        ] as [(String, [UInt32])])
    mutating func `a frame counts once all of its packets came`(packets: String, expected: [UInt32]) {
        #expect(frames(of: FrameAssemblerTests.packets(packets)) == expected)
    }

    @Test mutating func `a frame has the size of its payloads and is a keyframe if any packet shows it`() {
        let packets = FrameAssemblerTests.packets("1/10 2/10k 3/10!")
        let frames = packets.map { assembler.take($0).completed }
        #expect(frames == [nil, nil, FrameAssembler.Frame(timestamp: 10, size: 300, isKeyframe: true)])
    }

    @Test(arguments: [
        ("1/10!", true), ("1/10k!", false), ("1/10k 3/10!", true), ("1/10k! 2/20!", false),
        ("1/10k! 2/20 4/20!", true), ("1/10k! 2/20 4/20! 5/30k!", false),
    ])
    mutating func `a keyframe is wanted until a whole one came, and after damage`(packets: String, expected: Bool) {
        _ = frames(of: FrameAssemblerTests.packets(packets))
        #expect(assembler.wantsKeyframe == expected)
    }

    @Test mutating func `a keyframe is asked for once in a second, and not while one arrives`() {
        let start = Instant(sinceOrigin: .seconds(100))
        let times = [0, 10, 990, 1_000, 1_500].map { start + .milliseconds($0) }
        _ = frames(of: FrameAssemblerTests.packets("1/10"))
        let whileFirstArrives = assembler.takeKeyframeRequest(at: start - .seconds(5))
        #expect(!whileFirstArrives)
        _ = frames(of: FrameAssemblerTests.packets("2/10!"))
        var answers: [Bool] = []
        for time in times { answers.append(assembler.takeKeyframeRequest(at: time)) }
        #expect(answers == [true, false, false, true, false])
        _ = frames(of: FrameAssemblerTests.packets("3/20k"))
        let whileArriving = assembler.takeKeyframeRequest(at: start + .seconds(5))
        #expect(!whileArriving)
    }

    /// What came before somebody wanted a keyframe, and what comes after that.
    @Test(arguments: [
        (before: "1/10k", after: "2/10!", isWanted: true), (before: "1/10k", after: "2/10! 3/20k!", isWanted: false),
        (before: "1/10k", after: "2/20k!", isWanted: false), (before: "1/10k! 2/20", after: "3/20k!", isWanted: true),
        (before: "1/10k!", after: "2/20k!", isWanted: false), (before: "1/10k!", after: "2/20!", isWanted: true),
    ])
    mutating func `only a keyframe that begins after somebody wanted one will do`(
        before: String, after: String, isWanted: Bool
    ) {
        _ = frames(of: FrameAssemblerTests.packets(before))
        assembler.wantKeyframe()
        let isAskedFor = assembler.takeKeyframeRequest(at: Instant(sinceOrigin: .seconds(100)))
        #expect(isAskedFor)
        _ = frames(of: FrameAssemblerTests.packets(after))
        #expect(assembler.wantsKeyframe == isWanted)
    }

    @Test mutating func `another source begins anew`() {
        var other = RTPPacket(marker: true, sequence: 40_000, timestamp: 10)
        other.source = 2
        #expect(frames(of: FrameAssemblerTests.packets("1/10k!")) == [10])
        #expect(frames(of: [other]) == [10])
        #expect(assembler.wantsKeyframe)
    }
}

struct RTPPacketTests {
    private static let header: [UInt8] = [0x80, 0xE0, 0x12, 0x34, 0, 0, 0, 9, 0, 0, 0, 7]

    private static func packet(_ payload: [UInt8], of codec: VideoCodec = .vp8) -> RTPPacket? {
        (header + payload).withUnsafeBytes { RTPPacket($0, of: codec) }
    }

    @Test func `the header is read`() {
        let expected = RTPPacket(
            payloadType: 96, marker: true, sequence: 0x1234, timestamp: 9, source: 7, payloadSize: 2)
        #expect(RTPPacketTests.packet([0x00, 0x01]) == expected)
    }

    @Test func `sources, extensions and padding are no payload`() {
        var bytes = RTPPacketTests.header
        bytes[0] = 0x80 | 0x20 | 0x10 | 0x01
        bytes += [1, 2, 3, 4, 0xBE, 0xDE, 0, 1, 9, 9, 9, 9, 0x55, 0x55, 0x55, 0, 0, 3]
        #expect(bytes.withUnsafeBytes { RTPPacket($0, of: .vp8) }?.payloadSize == 3)
    }

    @Test(arguments: VideoCodec.allCases)
    func `whatever comes, a packet cut anywhere is read within its bounds or refused`(codec: VideoCodec) {
        var bytes = RTPPacketTests.header + [0x90, 0xF0, 0x80, 1, 2, 3, 0, 0x78, 0, 9, 0x65, 1, 2]
        for first in [0x80, 0x8F, 0x90, 0xA0, 0xBF] as [UInt8] {
            bytes[0] = first
            for count in 0...bytes.count {
                let size = bytes[..<count].withUnsafeBytes { RTPPacket($0, of: codec) }?.payloadSize ?? 0
                #expect((0...max(0, count - 12)).contains(size))
            }
        }
    }

    @Test(
        arguments: [
            (.h264, [0x65, 0x88], true), (.h264, [0x41, 0x9A], false), (.h264, [0x67, 0x42], false),
            (.h264, [0x78, 0, 2, 0x67, 0x42, 0, 2, 0x65, 0x88], true),
            (.h264, [0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xCE], false), (.h264, [0x78, 0, 9, 0x67], false),
            (.h264, [0x7C, 0x85, 1], true), (.h264, [0x7C, 0x05, 1], true), (.h264, [0x7C, 0x81, 1], false),
            (.vp8, [0x10, 0x00], true), (.vp8, [0x10, 0x01], false), (.vp8, [0x00, 0x00], false),
            (.vp8, [0x11, 0x00], false), (.vp8, [0x90, 0x80, 0x05, 0x00], true),
            (.vp8, [0x90, 0x80, 0x85, 0x01, 0x00], true), (.vp8, [0x90, 0x80, 0x85, 0x00, 0x01], false),
            (.vp8, [0x90, 0xF0, 0x85, 0x00, 1, 1, 0x00], true), (.vp8, [0x90], false),
        ] as [(VideoCodec, [UInt8], Bool)])
    func `keyframes show themselves`(codec: VideoCodec, payload: [UInt8], isKeyframe: Bool) {
        #expect(RTPPacketTests.packet(payload, of: codec)?.showsKeyframe == isKeyframe)
    }
}

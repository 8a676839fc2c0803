// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Sockets

@Suite("WebSocket bytes become messages")
struct WebSocketDecoderTests {
    typealias Message = WebSocketDecoder.Message

    /// Decodes bytes from a client in pieces of `size`.
    func decode(_ bytes: [UInt8], size: Int = .max, limits: TransportLimits = TransportLimits()) throws -> [Message] {
        var decoder = WebSocketDecoder(from: .client, limits: limits)
        var messages: [Message] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            try Array(rest.prefix(size)).withUnsafeBytes { try decoder.decode($0) { messages.append($0) } }
            rest = rest.dropFirst(size)
        }
        return messages
    }

    func violation(_ bytes: [UInt8], limits: TransportLimits = TransportLimits()) -> WebSocketDecoder.Violation? {
        do {
            _ = try decode(bytes, limits: limits)
            return nil
        } catch {
            return error as? WebSocketDecoder.Violation
        }
    }

    /// A masked frame by hand: first byte, length byte without the mask bit, payload.
    func frame(_ first: UInt8, _ length: UInt8, _ payload: [UInt8] = []) -> [UInt8] {
        let mask: [UInt8] = [1, 2, 3, 4]
        return [first, 0x80 | length] + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    @Test(arguments: [0, 1, 125, 126, 127, 65535, 65536, 200_000])
    func `frames that we make are read back, whatever the length and however they are cut`(length: Int) throws {
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let text = String(repeating: "ä", count: length / 2)
        let mask: UInt32 = 0xdead_beef
        let bytes = WebSocketFrame.binary(payload, mask: mask).bytes + WebSocketFrame.text(text, mask: mask).bytes
        for size in [1, 2, 3, 7, 1000, bytes.count] {
            #expect(try decode(bytes, size: size) == [.binary(payload), .text(text)])
        }
    }

    @Test func `an unmasked frame is read from a server and refused from a client`() throws {
        let bytes = WebSocketFrame.text("hello", mask: nil).bytes
        var decoder = WebSocketDecoder(from: .server)
        var messages: [Message] = []
        try bytes.withUnsafeBytes { try decoder.decode($0) { messages.append($0) } }
        #expect(messages == [.text("hello")])
        #expect(violation(bytes)?.code == 1002)
    }

    @Test func `fragments add up, with control frames between them`() throws {
        let bytes =
            frame(0x01, 2, Array("he".utf8)) + frame(0x89, 1, [7]) + frame(0x00, 2, Array("ll".utf8))
            + frame(0x8a, 0) + frame(0x80, 1, Array("o".utf8))
        #expect(try decode(bytes) == [.ping([7]), .pong([]), .text("hello")])
        #expect(try decode(bytes, size: 1) == [.ping([7]), .pong([]), .text("hello")])
    }

    @Test func `a character may be cut between fragments`() throws {
        let euro = Array("€".utf8)
        let bytes = frame(0x01, 1, [euro[0]]) + frame(0x80, 2, [euro[1], euro[2]])
        #expect(try decode(bytes) == [.text("€")])
    }

    @Test func `a message of endless frames is refused with 1008, and one of a thousand is read`() throws {
        let many = frame(0x01, 0) + (0..<1022).flatMap { _ in frame(0x00, 0) }
        #expect(try decode(many + frame(0x80, 2, Array("ok".utf8))) == [.text("ok")])
        #expect(violation(many + frame(0x00, 0))?.code == 1008)
    }

    @Test func `after a close nothing counts`() throws {
        let close = WebSocketFrame.close(code: 1000, reason: "", mask: 1).bytes
        let bytes = WebSocketFrame.text("before", mask: 7).bytes + close + [0xff, 0xff, 0xff]
        #expect(try decode(bytes) == [.text("before"), .close(code: 1000, reason: "")])
    }

    @Test func `a close frame may come without a code`() throws {
        #expect(try decode(frame(0x88, 0)) == [.close(code: 1005, reason: "")])
        let bye = WebSocketFrame.close(code: 1000, reason: "bye", mask: 1).bytes
        #expect(try decode(bye) == [.close(code: 1000, reason: "bye")])
    }

    @Test(arguments: [
        ([0xc1, 0x80], "a reserved bit"),
        ([0x83, 0x80, 0, 0, 0, 0], "an unknown data opcode"),
        ([0x8b, 0x80, 0, 0, 0, 0], "an unknown control opcode"),
        ([0x80, 0x80, 0, 0, 0, 0], "a continuation of nothing"),
        ([0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0], "a message inside a message"),
        ([0x09, 0x80, 0, 0, 0, 0], "a fragmented control frame"),
        ([0x89, 0xfe, 0, 126, 0, 0, 0, 0], "a ping of 126 bytes"),
        ([0x81, 0xfe, 0, 125, 0, 0, 0, 0], "125 written as two bytes"),
        ([0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0], "65535 written as eight bytes"),
        ([0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], "a negative length"),
        ([0x88, 0x81, 0, 0, 0, 0, 3], "a close code of one byte"),
    ])
    func `what breaks the protocol is refused with 1002`(bytes: [UInt8], what: String) {
        #expect(violation(bytes)?.code == 1002, "\(what)")
    }

    @Test(arguments: [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535])
    func `close codes that may not be sent are refused`(code: UInt16) {
        #expect(violation(WebSocketFrame.close(code: code, reason: "", mask: 9).bytes)?.code == 1002)
    }

    @Test func `text and close reasons that are not UTF-8 are refused with 1007`() {
        #expect(violation(frame(0x81, 2, [0xc3, 0x28]))?.code == 1007)
        #expect(violation(frame(0x81, 3, [0xed, 0xa0, 0x80]))?.code == 1007)
        #expect(violation(frame(0x88, 4, [0x03, 0xe8, 0xff, 0xfe]))?.code == 1007)
    }

    @Test func `a message over its limit is refused by its header, in one frame or in many`() throws {
        var limits = TransportLimits()
        limits.textBytes = 10
        limits.binaryBytes = 20
        #expect(try decode(frame(0x81, 10, Array(repeating: 65, count: 10)), limits: limits).count == 1)
        #expect(violation(frame(0x81, 11), limits: limits)?.code == 1009)
        #expect(violation(frame(0x82, 20), limits: limits) == nil)
        #expect(violation(frame(0x82, 21), limits: limits)?.code == 1009)
        let six = Array(repeating: UInt8(65), count: 6)
        #expect(violation(frame(0x01, 6, six) + frame(0x80, 5), limits: limits)?.code == 1009)
        let endless: [UInt8] = [0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]
        #expect(violation(endless)?.code == 1009)
    }

    @Test(arguments: 0..<300)
    func `flipped bytes give the same outcome however the stream is cut`(seed: UInt64) {
        var dice = Dice(state: seed)
        var bytes =
            WebSocketFrame.text("an offer", mask: 7).bytes + frame(0x01, 3, Array("abc".utf8))
            + WebSocketFrame.ping([1, 2], mask: 8).bytes + frame(0x80, 3, Array("def".utf8))
            + WebSocketFrame.binary(Array(0..<200), mask: 9).bytes
        for _ in 0..<(1 + dice.roll(3)) { bytes[dice.roll(bytes.count)] ^= UInt8(1 << dice.roll(8)) }
        #expect(outcome(of: bytes, size: 1) == outcome(of: bytes, size: .max))
        #expect(outcome(of: bytes, size: 5) == outcome(of: bytes, size: .max))
    }

    /// The messages that were decoded, and what ended it.
    private struct Outcome: Equatable {
        var messages: [Message] = []
        var violation: WebSocketDecoder.Violation?
    }

    private func outcome(of bytes: [UInt8], size: Int) -> Outcome {
        var outcome = Outcome()
        var decoder = WebSocketDecoder(from: .client)
        var rest = bytes[...]
        while !rest.isEmpty && outcome.violation == nil {
            do {
                try Array(rest.prefix(size)).withUnsafeBytes { try decoder.decode($0) { outcome.messages.append($0) } }
            } catch {
                outcome.violation = error as? WebSocketDecoder.Violation
            }
            rest = rest.dropFirst(size)
        }
        return outcome
    }

    private struct Dice {
        var state: UInt64

        mutating func roll(_ sides: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % sides
        }
    }
}

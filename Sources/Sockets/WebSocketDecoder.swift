// SPDX-License-Identifier: Apache-2.0

/// Turns the bytes of a WebSocket's stream, as they come, into messages (RFC 6455).
///
/// Our own, because libsoup 3.2 lets the fragments of a message add up without a limit, and reads 1 KiB a system call. A
/// value without any I/O, so that tests can throw hostile bytes at it.
///
/// 1. A message is limited as a whole, however it is cut into frames. Memory grows with the bytes that came, not with
///    what a header promises.
/// 2. A violation of the protocol is an error with its close code; nothing is decoded after it.
/// 3. What came before a violation counts, however the bytes were cut; after a close nothing does.
/// 4. The frames of a message are limited, too: endless empty ones would cost time and show nothing.
/// 5. A client masks its frames and a server does not; no extension is agreed on, so reserved bits are zero.
struct WebSocketDecoder {
    enum Message: Equatable, Sendable {
        case text(String)
        case binary([UInt8])
        case ping([UInt8])
        case pong([UInt8])
        /// 1005 stands for "no code was given".
        case close(code: UInt16, reason: String)
    }

    /// Why a connection has to be closed, with the code to close it with.
    struct Violation: Error, Equatable {
        let code: UInt16
        let reason: String
    }

    private enum Opcode: UInt8 {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10

        var isControl: Bool { rawValue >= 8 }
    }

    private struct Frame {
        let opcode: Opcode
        let isFinal: Bool
        var remaining: Int
        var mask: UInt32
    }

    private let expectsMask: Bool
    private let limits: TransportLimits
    private var header: [UInt8] = []
    private var frame: Frame?
    /// The unfinished data message, and its kind by its first frame.
    private var kind: Opcode?
    private var data: [UInt8] = []
    private var framesOfMessage = 0
    private var control: [UInt8] = []
    /// A close came.
    private var isOver = false

    init(from sender: WebSocketRole, limits: TransportLimits = TransportLimits()) {
        expectsMask = sender == .client
        self.limits = limits
    }

    /// Passes on what `bytes` complete, and keeps the rest for the next call.
    mutating func decode(
        _ bytes: UnsafeRawBufferPointer, _ handOn: (Message) -> Void
    ) throws(Violation) {
        var rest = bytes[...]
        while !isOver {
            if frame == nil {
                guard try takeHeader(from: &rest) else { return }
            }
            guard takePayload(from: &rest) else { return }
            guard let message = try finishFrame() else { continue }
            if case .close = message { isOver = true }
            handOn(message)
        }
    }

    // MARK: - Headers

    private mutating func takeHeader(from rest: inout Slice<UnsafeRawBufferPointer>) throws(Violation) -> Bool {
        while header.count < headerLength {
            guard let byte = rest.popFirst() else { return false }
            header.append(byte)
            if header.count == 2 { try checkFirstBytes() }
        }
        frame = try parsedHeader()
        header.removeAll(keepingCapacity: true)
        return true
    }

    private var headerLength: Int {
        guard header.count >= 2 else { return 2 }
        let extended =
            switch header[1] & 0x7f {
            case 126: 2
            case 127: 8
            default: 0
            }
        return 2 + extended + (expectsMask ? 4 : 0)
    }

    private func checkFirstBytes() throws(Violation) {
        guard header[0] & 0x70 == 0 else { throw Violation(code: 1002, reason: "reserved bits") }
        guard (header[1] & 0x80 != 0) == expectsMask else {
            throw Violation(code: 1002, reason: expectsMask ? "unmasked frame" : "masked frame")
        }
    }

    private func parsedHeader() throws(Violation) -> Frame {
        guard let opcode = Opcode(rawValue: header[0] & 0x0f) else {
            throw Violation(code: 1002, reason: "unknown opcode")
        }
        let isFinal = header[0] & 0x80 != 0
        let short = Int(header[1] & 0x7f)
        let extended = header[2..<(short == 127 ? 10 : short == 126 ? 4 : 2)]
        let length = extended.isEmpty ? UInt64(short) : extended.reduce(0) { $0 << 8 | UInt64($1) }
        if (short == 126 && length < 126) || (short == 127 && (length <= 0xffff || length > Int64.max)) {
            throw Violation(code: 1002, reason: "length not in its shortest form")
        }
        if opcode.isControl {
            guard isFinal && length <= 125 else { throw Violation(code: 1002, reason: "oversized control frame") }
        } else {
            guard (opcode == .continuation) == (kind != nil) else {
                throw Violation(code: 1002, reason: "fragments out of order")
            }
            let limit = (kind ?? opcode) == .text ? limits.textBytes : limits.binaryBytes
            guard length <= UInt64(limit - min(data.count, limit)) else {
                throw Violation(code: 1009, reason: "message larger than \(limit) bytes")
            }
        }
        let mask = expectsMask ? header.suffix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) } : 0
        return Frame(opcode: opcode, isFinal: isFinal, remaining: Int(length), mask: mask)
    }

    // MARK: - Payloads

    /// Takes and unmasks what belongs to the present frame; true if that completes it.
    private mutating func takePayload(from rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
        guard var frame else { return false }
        let count = min(frame.remaining, rest.count)
        let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
        rest = rest.dropFirst(count)
        if frame.opcode.isControl {
            control.appendMasked(piece, with: frame.mask)
        } else {
            data.appendMasked(piece, with: frame.mask)
        }
        frame.remaining -= count
        // The mask goes on at the byte where this piece ended.
        let turned = UInt32(count % 4) * 8
        frame.mask = frame.mask >> turned | frame.mask << ((32 - turned) % 32)
        self.frame = frame
        return frame.remaining == 0
    }

    private mutating func finishFrame() throws(Violation) -> Message? {
        guard let frame else { return nil }
        self.frame = nil
        if frame.opcode.isControl {
            defer { control.removeAll(keepingCapacity: true) }
            return switch frame.opcode {
            case .ping: .ping(control)
            case .pong: .pong(control)
            default: try closeMessage()
            }
        }
        let kind = self.kind ?? frame.opcode
        framesOfMessage += 1
        guard frame.isFinal else {
            guard framesOfMessage < limits.framesPerMessage else {
                throw Violation(code: 1008, reason: "a message of more than \(limits.framesPerMessage) frames")
            }
            self.kind = kind
            return nil
        }
        self.kind = nil
        framesOfMessage = 0
        defer { data = [] }
        guard kind == .text else { return .binary(data) }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Violation(code: 1007, reason: "text is not UTF-8")
        }
        return .text(text)
    }

    private func closeMessage() throws(Violation) -> Message {
        guard !control.isEmpty else { return .close(code: 1005, reason: "") }
        let code = control.prefix(2).reduce(0) { $0 << 8 | UInt16($1) }
        let mayBeSent = (1000...1014).contains(code) && ![1004, 1005, 1006].contains(code)
        guard control.count >= 2, mayBeSent || (3000...4999).contains(code) else {
            throw Violation(code: 1002, reason: "close code out of range")
        }
        guard let reason = String(validating: control.dropFirst(2), as: UTF8.self) else {
            throw Violation(code: 1007, reason: "close reason is not UTF-8")
        }
        return .close(code: code, reason: reason)
    }
}

/// An end of a WebSocket.
enum WebSocketRole: Sendable {
    case server, client
}

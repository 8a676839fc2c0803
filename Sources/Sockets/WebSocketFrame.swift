// SPDX-License-Identifier: Apache-2.0

/// One outgoing frame, ready for the wire.
struct WebSocketFrame {
    let bytes: [UInt8]

    static func text(_ text: String, mask: UInt32?) -> WebSocketFrame {
        var text = text
        return text.withUTF8 { WebSocketFrame(opcode: 1, UnsafeRawBufferPointer($0), mask: mask) }
    }

    static func binary(_ payload: [UInt8], mask: UInt32?) -> WebSocketFrame {
        payload.withUnsafeBytes { WebSocketFrame(opcode: 2, $0, mask: mask) }
    }

    static func close(code: UInt16, reason: String, mask: UInt32?) -> WebSocketFrame {
        let payload = [UInt8(code >> 8), UInt8(code & 0xff)] + Array(reason.utf8.prefix(123))
        return payload.withUnsafeBytes { WebSocketFrame(opcode: 8, $0, mask: mask) }
    }

    static func ping(_ payload: [UInt8], mask: UInt32?) -> WebSocketFrame {
        payload.withUnsafeBytes { WebSocketFrame(opcode: 9, $0, mask: mask) }
    }

    static func pong(_ payload: [UInt8], mask: UInt32?) -> WebSocketFrame {
        payload.withUnsafeBytes { WebSocketFrame(opcode: 10, $0, mask: mask) }
    }

    /// A client gives a fresh, unpredictable mask; a server gives none.
    private init(opcode: UInt8, _ payload: UnsafeRawBufferPointer, mask: UInt32?) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(payload.count + 14)
        bytes.append(0x80 | opcode)
        let masked: UInt8 = mask == nil ? 0 : 0x80
        switch payload.count {
        case ..<126: bytes.append(masked | UInt8(payload.count))
        case ..<65536:
            bytes.append(masked | 126)
            bytes.appendBigEndian(UInt64(payload.count), bytes: 2)
        default:
            bytes.append(masked | 127)
            bytes.appendBigEndian(UInt64(payload.count), bytes: 8)
        }
        if let mask {
            for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: mask >> UInt32(shift))) }
        }
        bytes.appendMasked(payload, with: mask ?? 0)
        self.bytes = bytes
    }
}

extension [UInt8] {
    /// Appends `bytes` XORed with the four bytes of `mask`, its lowest first: this masks and unmasks.
    mutating func appendMasked(_ bytes: UnsafeRawBufferPointer, with mask: UInt32) {
        let start = count
        append(contentsOf: bytes)
        guard mask != 0 else { return }
        let wide = UInt64(mask) << 32 | UInt64(mask)
        withUnsafeMutableBytes { all in
            let added = UnsafeMutableRawBufferPointer(rebasing: all[start...])
            let words = added.count & ~7
            for offset in stride(from: 0, to: words, by: 8) {
                let word = added.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                added.storeBytes(of: word ^ wide.littleEndian, toByteOffset: offset, as: UInt64.self)
            }
            for offset in words..<added.count { added[offset] ^= UInt8(truncatingIfNeeded: mask >> (offset % 4 * 8)) }
        }
    }

    fileprivate mutating func appendBigEndian(_ value: UInt64, bytes count: Int) {
        for index in (0..<count).reversed() { append(UInt8(truncatingIfNeeded: value >> (index * 8))) }
    }
}

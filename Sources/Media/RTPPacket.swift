// SPDX-License-Identifier: Apache-2.0

import Signaling

/// What we look at of an RTP packet (RFC 3550, 5.1).
struct RTPPacket: Equatable, Sendable {
    var payloadType: UInt8 = 96
    /// Ends a frame, where the sender sets it.
    var marker = false
    var sequence: UInt16 = 0
    var timestamp: UInt32 = 0
    var source: UInt32 = 1
    var payloadSize = 1_000
    /// It shows that its frame is a keyframe; not every packet of one does.
    var showsKeyframe = false
}

extension RTPPacket {
    /// Trusts nothing; `nil` if this is no RTP packet.
    init?(_ bytes: UnsafeRawBufferPointer, of codec: VideoCodec) {
        guard bytes.count >= 12, bytes[0] >> 6 == 2 else { return nil }
        var start = 12 + 4 * Int(bytes[0] & 0x0F)
        if bytes[0] & 0x10 != 0 {
            guard bytes.count >= start + 4 else { return nil }
            start += 4 + 4 * Int(bytes.bigEndian(UInt16.self, at: start + 2))
        }
        let padding = bytes[0] & 0x20 != 0 ? Int(bytes[bytes.count - 1]) : 0
        guard start + padding <= bytes.count else { return nil }
        let payload = UnsafeRawBufferPointer(rebasing: bytes[start..<bytes.count - padding])
        marker = bytes[1] & 0x80 != 0
        payloadType = bytes[1] & 0x7F
        sequence = bytes.bigEndian(UInt16.self, at: 2)
        timestamp = bytes.bigEndian(UInt32.self, at: 4)
        source = bytes.bigEndian(UInt32.self, at: 8)
        payloadSize = payload.count
        showsKeyframe =
            switch codec {
            case .h264: payload.holdsIDRSlice
            case .vp8: payload.beginsVP8Keyframe
            }
    }
}

extension UnsafeRawBufferPointer {
    /// RFC 6184, 5.2: a payload is one unit, several, or a piece of one.
    fileprivate var holdsIDRSlice: Bool {
        let idrSlice: UInt8 = 5
        guard count >= 2 else { return false }
        switch self[0] & 0x1F {
        case idrSlice: return true
        // STAP-A: size and unit, again and again.
        case 24:
            var offset = 1
            while offset + 3 <= count {
                if self[offset + 2] & 0x1F == idrSlice { return true }
                offset += 2 + Int(bigEndian(UInt16.self, at: offset))
            }
            return false
        // FU-A and FU-B.
        case 28, 29: return self[1] & 0x1F == idrSlice
        default: return false
        }
    }

    /// RFC 7741, 4.2 and 4.3: a descriptor of 1 to 6 bytes, then the frame, whose first bit is 0 for a keyframe.
    fileprivate var beginsVP8Keyframe: Bool {
        guard let first, first & 0x17 == 0x10 else { return false }
        var offset = 1
        if first & 0x80 != 0 {
            guard count >= 3 else { return false }
            offset += 1
            if self[1] & 0x80 != 0 { offset += self[2] & 0x80 != 0 ? 2 : 1 }
            if self[1] & 0x40 != 0 { offset += 1 }
            if self[1] & 0x30 != 0 { offset += 1 }
        }
        return offset < count && self[offset] & 0x01 == 0
    }

    fileprivate func bigEndian<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) -> Number {
        Number(bigEndian: loadUnaligned(fromByteOffset: offset, as: type))
    }
}

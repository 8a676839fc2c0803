// SPDX-License-Identifier: Apache-2.0

/// The socket's own rules that a peer can break.
enum SocketRule: String, CaseIterable {
    case oversized, notUTF8 = "not_utf8", unread, `protocol`, fragmented, heartbeat

    init(_ code: UInt16) {
        switch code {
        case 1007: self = .notUTF8
        case 1008: self = .fragmented
        case 1009: self = .oversized
        case 1013: self = .unread
        default: self = .protocol
        }
    }
}

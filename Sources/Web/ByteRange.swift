// SPDX-License-Identifier: Apache-2.0

import Sockets
import Text

/// The part of an answer that a `Range` header asks for (RFC 9110, 14). Several ranges, other units and nonsense are
/// ignored: they get the whole.
package enum ByteRange: Equatable, Sendable {
    case whole
    case part(Range<Int>)
    case unsatisfiable

    package init(_ header: String?, of length: Int) {
        self = .whole
        guard let header, let equals = header.firstIndex(of: "="), header[..<equals].lowercased() == "bytes" else {
            return
        }
        let ends = header[equals...].dropFirst().split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return }
        switch (ByteRange.number(ends[0]), ByteRange.number(ends[1])) {
        case (let first?, let last?) where first <= last:
            self = ByteRange.from(first, min(last, length - 1) + 1, length)
        case (let first?, nil) where ends[1].isEmpty: self = ByteRange.from(first, length, length)
        case (nil, let count?) where ends[0].isEmpty:
            self = count == 0 || length == 0 ? .unsatisfiable : .part(max(0, length - count)..<length)
        default: break
        }
    }

    private static func from(_ first: Int, _ end: Int, _ length: Int) -> ByteRange {
        first < length ? .part(first..<end) : .unsatisfiable
    }

    /// Digits only; a number beyond any length counts as all.
    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit) else { return nil }
        return Int(text) ?? .max - 1
    }
}

extension HTTPResponse {
    /// The part of this whole answer that was asked for.
    func part(for request: HTTPRequest) -> HTTPResponse {
        guard request.method == "GET", status == 200 else { return self }
        var part = self
        switch ByteRange(request.headers["range"], of: body.count) {
        case .whole: break
        case .part(let range):
            part.status = 206
            part.headers["Content-Range"] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(body.count)"
            part.body = Array(body[range])
        case .unsatisfiable:
            part.status = 416
            part.headers["Content-Range"] = "bytes */\(body.count)"
            part.body = []
        }
        return part
    }
}

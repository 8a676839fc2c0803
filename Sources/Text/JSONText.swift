// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
    /// Why a text is not JSON, and at which byte.
    package struct SyntaxError: Error, Equatable {
        package let reason: String
        package let offset: Int
        /// It may be JSON, but is nested deeper than we read.
        package var isTooDeep = false
    }

    /// Reads RFC 8259 to the letter, and nothing else.
    ///
    /// Ours and not json-glib's because that has no limit to nesting (256 KiB of brackets overflow its stack), cuts
    /// strings at `\u0000`, and takes comments and `var x =`. Here: a lone surrogate is refused, the last of duplicate
    /// keys counts, and a number beyond `Double` becomes infinite, as in every browser.
    package init(parsing text: String, maxDepth: Int = 32) throws(SyntaxError) {
        var reader = JSONReader(text, maxDepth: maxDepth)
        self = try reader.document()
    }

    /// The shortest text; members are sorted by name.
    package var text: String {
        switch self {
        case .null: "null"
        case .bool(let bool): bool ? "true" : "false"
        case .number(let number): number.isFinite ? number.plain : "null"
        case .string(let string): string.quotedAsJSON
        case .array(let elements): "[\(elements.map(\.text).joined(separator: ","))]"
        case .object(let members):
            JSONValue.object(of: members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.text) })
        }
    }

    /// The text of an object whose members are texts already, in the given order.
    package static func object(of members: [(name: String, text: String)]) -> String {
        "{\(members.map { "\($0.name.quotedAsJSON):\($0.text)" }.joined(separator: ","))}"
    }
}

private struct JSONReader {
    typealias Failure = JSONValue.SyntaxError

    private let bytes: [UInt8]
    private let maxDepth: Int
    private var offset = 0
    private var depth = 0

    init(_ text: String, maxDepth: Int) {
        bytes = Array(text.utf8)
        self.maxDepth = maxDepth
    }

    mutating func document() throws(Failure) -> JSONValue {
        let value = try value()
        skipBlanks()
        guard offset == bytes.count else { throw failure("something follows the value") }
        return value
    }

    private mutating func value() throws(Failure) -> JSONValue {
        skipBlanks()
        switch peek {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    // MARK: - What nests

    private mutating func object() throws(Failure) -> JSONValue {
        var members: [String: JSONValue] = [:]
        try elements(until: UInt8(ascii: "}")) { reader throws(Failure) in
            reader.skipBlanks()
            let name = try reader.string()
            reader.skipBlanks()
            guard reader.take(UInt8(ascii: ":")) else { throw reader.failure("a colon is missing") }
            members[name] = try reader.value()
        }
        return .object(members)
    }

    private mutating func array() throws(Failure) -> JSONValue {
        var values: [JSONValue] = []
        try elements(until: UInt8(ascii: "]")) { reader throws(Failure) in values.append(try reader.value()) }
        return .array(values)
    }

    private mutating func elements(
        until end: UInt8, _ element: (inout JSONReader) throws(Failure) -> Void
    ) throws(Failure) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= maxDepth else {
            throw Failure(reason: "nested deeper than \(maxDepth)", offset: offset, isTooDeep: true)
        }
        offset += 1
        skipBlanks()
        if take(end) { return }
        while true {
            try element(&self)
            skipBlanks()
            if take(end) { return }
            guard take(UInt8(ascii: ",")) else { throw failure("a comma is missing") }
        }
    }

    // MARK: - Strings

    private mutating func string() throws(Failure) -> String {
        guard take(UInt8(ascii: "\"")) else { throw failure("a string is missing") }
        var start = offset
        offset = endOfPlain(from: start)
        if peek == UInt8(ascii: "\"") {
            offset += 1
            return String(decoding: bytes[start..<offset - 1], as: UTF8.self)
        }
        var unescaped: [UInt8] = []
        while true {
            unescaped += bytes[start..<offset]
            switch peek {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: unescaped, as: UTF8.self)
            case UInt8(ascii: "\\"):
                offset += 1
                unescaped += try escape()
            case nil: throw failure("a string has no end")
            default: throw failure("a control character in a string")
            }
            start = offset
            offset = endOfPlain(from: start)
        }
    }

    /// Where the plain text ends.
    private func endOfPlain(from start: Int) -> Int {
        let bytes = bytes.span
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            index += 1
        }
        return index
    }

    private mutating func escape() throws(Failure) -> Unicode.Scalar.UTF8View {
        guard let byte = peek else { throw failure("a string has no end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte).utf8
        case UInt8(ascii: "n"): return Unicode.Scalar("\n").utf8
        case UInt8(ascii: "r"): return Unicode.Scalar("\r").utf8
        case UInt8(ascii: "t"): return Unicode.Scalar("\t").utf8
        case UInt8(ascii: "b"): return Unicode.Scalar("\u{8}").utf8
        case UInt8(ascii: "f"): return Unicode.Scalar("\u{c}").utf8
        case UInt8(ascii: "u"): return try escapedScalar().utf8
        default: throw failure("an unknown escape")
        }
    }

    private mutating func escapedScalar() throws(Failure) -> Unicode.Scalar {
        let first = try fourDigits()
        var code = UInt32(first)
        if UTF16.isLeadSurrogate(first) {
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw failure("a lone surrogate") }
            let second = try fourDigits()
            guard UTF16.isTrailSurrogate(second) else { throw failure("a lone surrogate") }
            code = 0x10000 + (UInt32(first & 0x3ff) << 10 | UInt32(second & 0x3ff))
        }
        guard let scalar = Unicode.Scalar(code) else { throw failure("a lone surrogate") }
        return scalar
    }

    private mutating func fourDigits() throws(Failure) -> UInt16 {
        var code: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = peek.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
                throw failure("four hexadecimal digits are missing")
            }
            code = code << 4 | UInt16(digit)
            offset += 1
        }
        return code
    }

    // MARK: - Numbers and words

    private mutating func number() throws(Failure) -> JSONValue {
        let start = offset
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        guard let number = Double(String(decoding: bytes[start..<offset], as: UTF8.self)) else {
            throw failure("a number is malformed")
        }
        return .number(number)
    }

    private mutating func digits() throws(Failure) {
        guard let first = peek, first.isDigit else { throw failure("a value is missing") }
        while let byte = peek, byte.isDigit { offset += 1 }
    }

    private mutating func literal(_ word: String, _ value: JSONValue) throws(Failure) -> JSONValue {
        guard bytes[offset...].starts(with: word.utf8) else { throw failure("a value is missing") }
        offset += word.utf8.count
        return value
    }

    // MARK: - Bytes

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        offset += 1
        return true
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { offset += 1 }
    }

    private func failure(_ reason: String) -> Failure { Failure(reason: reason, offset: offset) }
}

// SPDX-License-Identifier: Apache-2.0

import Testing
import Text

@Suite("JSON text")
struct JSONTextTests {
    static let read: [(String, JSONValue)] = [
        ("null", nil), ("true", true), (" false\n", false), ("0", 0), ("-0", 0), ("-12", -12),
        ("1.5e2", 150), ("1E+2", 100), ("25e-2", .number(0.25)), ("1e999", .number(.infinity)),
        (#""""#, ""), (#""a\"b\\c\/\n\r\t\b\f""#, "a\"b\\c/\n\r\t\u{8}\u{c}"),
        (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\ud83d\ude00""#, "😀"), (#""a\u0000b""#, "a\0b"), (#""😀""#, "😀"),
        ("[]", []), ("[ ]", []), ("[1, [2] ,3]", [1, [2], 3]), ("{}", [:]),
        (#"{"a":1,"b":{"c":[null]}}"#, ["a": 1, "b": ["c": [nil]]]),
        (#"{"a":1,"a":2}"#, ["a": 2]), (#"{"\u0061":1}"#, ["a": 1]),
    ]

    @Test(arguments: read)
    func `what RFC 8259 allows is read`(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "NaN", "Infinity", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x10",
        "[1,]", "[,1]", "[1 2]", "[", "]", "[1", "{", "{\"a\"}", "{\"a\":}", "{a:1}", "{'a':1}", "{\"a\":1,}",
        "{\"a\" 1}", "{\"a\":1 \"b\":2}", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"",
        "\"\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\n\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\nb\"",
        "\"a\0b\"",
        "1 2", "{} {}", "/* c */ 1", "1 // c", "\u{feff}1", "var a = 1", "\u{a0}1",
    ])
    func `what it does not allow is refused`(text: String) {
        #expect(throws: JSONValue.SyntaxError.self) { try JSONValue(parsing: text) }
    }

    @Test(arguments: ["[", "{\"a\":", "[{\"a\":"])
    func `nesting ends at the limit, however deep the text goes`(opening: String) {
        #expect(throws: JSONValue.SyntaxError.self) {
            try JSONValue(parsing: String(repeating: opening, count: 100_000))
        }
        let brackets = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(throws: Never.self) { try JSONValue(parsing: brackets) }
        #expect(throws: JSONValue.SyntaxError.self) { try JSONValue(parsing: "[\(brackets)]") }
    }

    @Test(arguments: read.map(\.1))
    func `what is written is read back`(value: JSONValue) throws {
        guard value != .number(.infinity) else { return }
        #expect(try JSONValue(parsing: value.text) == value)
    }

    @Test func `text is as short as can be, its members in order`() {
        let value: JSONValue = ["b": [1, .number(1.5), nil], "a": "x\u{1}\"\n", "c": true]
        #expect(value.text == #"{"a":"x\u0001\"\n","b":[1,1.5,null],"c":true}"#)
        #expect(JSONValue.number(.nan).text == "null")
    }
}

// SPDX-License-Identifier: Apache-2.0

import Sockets
import Testing

@testable import Web

struct ByteRangeTests {
    @Test(
        arguments: [
            (nil, .whole), ("bytes=0-3", .part(0..<4)), ("bytes=3-3", .part(3..<4)), ("bytes=4-", .part(4..<10)),
            ("bytes=-3", .part(7..<10)), ("bytes=-99", .part(0..<10)), ("bytes=5-99", .part(5..<10)),
            ("Bytes=0-0", .part(0..<1)), ("bytes=9-", .part(9..<10)),
            ("bytes=9-99999999999999999999999", .part(9..<10)), ("bytes=-99999999999999999999999", .part(0..<10)),
            ("bytes=10-", .unsatisfiable), ("bytes=10-12", .unsatisfiable), ("bytes=-0", .unsatisfiable),
            ("bytes=99999999999999999999999-", .unsatisfiable),
            // Several, or none that makes sense.
            ("bytes=0-1,3-4", .whole), ("bytes=3-1", .whole), ("bytes=-", .whole), ("bytes=", .whole), ("", .whole),
            ("bytes", .whole), ("bytes=a-b", .whole), ("bytes=+1-2", .whole), ("bytes= 1-2", .whole),
            ("bytes=1--2", .whole), ("lines=0-1", .whole), ("bytes=0x1-2", .whole),
        ] as [(String?, ByteRange)])
    func `what a Range header asks for of ten bytes`(header: String?, range: ByteRange) {
        #expect(ByteRange(header, of: 10) == range)
    }

    @Test(arguments: ["bytes=0-", "bytes=0-0", "bytes=-1"])
    func `of nothing there is no part`(header: String) {
        #expect(ByteRange(header, of: 0) == .unsatisfiable)
    }

    @Test func `only a whole answer to a GET is cut`() {
        let whole = HTTPResponse(status: 200, type: "text/plain", body: Array("0123456789".utf8))
        var request = HTTPRequest(method: "GET", path: "/")
        #expect(whole.part(for: request) == whole)
        request.headers["range"] = "bytes=2-4"
        let part = whole.part(for: request)
        #expect(part.status == 206 && part.body == Array("234".utf8))
        #expect(part.headers["Content-Range"] == "bytes 2-4/10" && part.headers["Content-Type"] == "text/plain")
        let missing = HTTPResponse.json(404, "{}")
        #expect(missing.part(for: request) == missing)
        request.headers["range"] = "bytes=10-"
        #expect(whole.part(for: request).status == 416 && whole.part(for: request).body.isEmpty)
        #expect(whole.part(for: request).headers["Content-Range"] == "bytes */10")
        request.method = "POST"
        #expect(whole.part(for: request) == whole)
    }
}

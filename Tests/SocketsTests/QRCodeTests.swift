// SPDX-License-Identifier: Apache-2.0

import Foundation
import Host
import Testing

@testable import Sockets

@Suite("A QR code on a terminal")
struct QRCodeTests {
    static let url = "https://192.168.100.200:8443/camera?token=AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE"

    @Test(arguments: [url, "x", String(repeating: "x", count: 400)])
    func `a scanner reads from the screen what was put in`(text: String) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).pbm").path
        try QRCodeTests.picture(of: #require(QRCode(text)).lines)
            .write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        #expect(try Host.output(of: ["zbarimg", "--quiet", "--raw", file]) == text + "\n")
    }

    @Test func `it fits a small terminal, and has a margin of four modules all around`() throws {
        let lines = try #require(QRCode(QRCodeTests.url)).lines.map(QRCodeTests.letters)
        #expect(lines.count < 24 && lines.allSatisfy { $0.count == lines[0].count && $0.count < 80 })
        #expect((lines.prefix(2) + lines.suffix(2)).allSatisfy { $0.allSatisfy { $0 == " " } })
        #expect(lines.allSatisfy { $0.hasPrefix("    ") && $0.hasSuffix("    ") })
    }

    @Test func `what is too long for one has none`() {
        #expect(QRCode(String(repeating: "x", count: 3000)) == nil)
    }

    /// A line without its colours.
    static func letters(of line: String) -> String {
        String(line.trimmingPrefix("\u{1b}[30;107m").prefix { $0 != "\u{1b}" })
    }

    /// What a camera would see, with eight pixels a module.
    static func picture(of lines: [String]) -> String {
        let rows = lines.map(letters).flatMap { line in
            [line.map { "█▀".contains($0) }, line.map { "█▄".contains($0) }]
        }
        let text = rows.flatMap { row in
            let pixels = row.map { String(repeating: $0 ? "1 " : "0 ", count: 8) }.joined()
            return [String](repeating: pixels, count: 8)
        }
        return "P1\n\(rows[0].count * 8) \(rows.count * 8)\n\(text.joined(separator: "\n"))\n"
    }
}

// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Sockets
import Testing

@testable import Monitor

@Suite("The page that makes a browser a camera")
@MainLoop
struct CameraPageTests {
    let pages = Pages(version: "1.2.3", httpsPort: 8443) { [] }

    func page() throws -> (response: HTTPResponse, text: String) {
        let response = pages.cameraPage
        return (response, String(decoding: response.body, as: UTF8.self))
    }

    @Test func `its script and style run under a nonce that each answer has anew, and nothing else does`() throws {
        let (first, second) = (try page(), try page())
        let policy = try #require(first.response.headers["Content-Security-Policy"])
        let nonce = try #require(policy.firstMatch(of: /script-src 'nonce-([a-z0-9]+)'/)).1
        #expect(nonce.count > 16)
        #expect(policy.hasPrefix("default-src 'none'; "))
        #expect(first.text.contains("<script nonce=\"\(nonce)\">"))
        #expect(first.text.contains("<style nonce=\"\(nonce)\">"))
        #expect(!second.text.contains(nonce))
    }

    @Test func `nothing in it comes from elsewhere, and nothing is left to fill in`() throws {
        let text = try page().text
        #expect(text.matches(of: /(src|href)="(?!data:)/).isEmpty)
        #expect(text.matches(of: /https?:\/\/[a-z]/).isEmpty)
        #expect(!text.contains("{{"))
        #expect(text.contains(":8443"))
    }
}

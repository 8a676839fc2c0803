// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Sockets
import Testing
import Text

@testable import Monitor

@Suite("The first page")
@MainLoop
struct FirstPageTests {
    func answer(accept: String?, token: String? = nil, cameras: [String] = []) throws -> HTTPResponse {
        let names = try cameras.map { try #require(CameraName($0)) }
        let pages = Pages(version: "1.2.3", httpsPort: 8443) { names }
        pages.phoneAddresses = ["https://192.0.2.7:8443/camera"]
        var request = HTTPRequest(method: "GET", path: "/")
        request.headers["accept"] = accept
        request.query["token"] = token
        return pages.firstPage(for: request)
    }

    @Test
    func `a browser is told the version, the cameras and the addresses, with its token only in the links`() throws {
        let response = try answer(accept: "text/html,*/*", token: "a&b\"<é", cameras: ["door", "yard"])
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(response.headers["Content-Type"] == "text/html; charset=utf-8")
        #expect(text.contains("1.2.3") && text.contains("<li>door</li><li>yard</li>"))
        #expect(
            text.contains(
                #"<a href="https://192.0.2.7:8443/camera?token=a%26b%22%3C%C3%A9">https://192.0.2.7:8443/camera</a>"#))
        #expect(!text.contains("{{") && text.matches(of: /(src|href)="(?!data:|https:\/\/192.0.2.7)/).isEmpty)
        let policy = try #require(response.headers["Content-Security-Policy"])
        #expect(policy.hasPrefix("default-src 'none'; ") && !policy.contains("script"))
        #expect(String(decoding: try answer(accept: "text/html").body, as: UTF8.self).contains("None yet."))
    }

    @Test(arguments: [nil, "*/*", "application/json"])
    func `a program is told the same as JSON`(accept: String?) throws {
        let response = try answer(accept: accept, token: "secret", cameras: ["door"])
        #expect(
            response
                == .json(
                    200, #"{"camera_pages":["https://192.0.2.7:8443/camera"],"cameras":["door"],"version":"1.2.3"}"#))
    }
}

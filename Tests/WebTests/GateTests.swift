// SPDX-License-Identifier: Apache-2.0

import Signaling
import Sockets
import Telemetry
import Testing

@testable import Web

@Suite("Who may come in")
struct GateTests {
    let gate = Gate(
        token: Secret("right-token"), allowedOrigins: ["https://pages.example"], ports: [8080, 3000, 8443])
    /// Named by what is there.
    static let routes: [(String, Route)] = [
        ("camera", Route(.webSocket, .named("camera")) { _, _ in .drop }),
        ("viewer", Route(.webSocket, .named("viewer")) { _, _ in .drop }),
        ("camera page", Route(.get, .named("camera")) { _, _ in .drop }),
        ("status", Route(.get, .exactly("/status")) { _, _ in .drop }),
        ("start", Route(.post, .exactly("/control/start")) { _, _ in .drop }),
        ("upload", Route(.post, .ending("/upload"), for: .anybody) { _, _ in .drop }),
        ("fact", Route(.get, .exactly("/fact"), for: .token) { _, _ in .drop }),
        ("change fact", Route(.post, .exactly("/fact"), for: .token) { _, _ in .drop }),
    ]
    static let upgrade = ["upgrade": "websocket", "host": "box:8080"]

    func request(
        _ path: String, method: String = "GET", token: String? = "right-token", _ headers: [String: String] = upgrade
    ) -> HTTPRequest {
        var request = HTTPRequest(method: method, path: path)
        request.headers = headers
        if let token { request.query["token"] = token }
        return request
    }

    enum Verdict: Equatable {
        case enter(String, String = "default")
        case refuse(Refusal)
        case wrongMethod(allowed: String)
        case options(allowed: String)
    }

    func verdict(on request: HTTPRequest, by gate: Gate? = nil) -> Verdict {
        switch (gate ?? self.gate).verdict(on: request, among: GateTests.routes.map(\.1)) {
        case .enter(let index, let camera): .enter(GateTests.routes[index].0, camera.description)
        case .refuse(let why): .refuse(why)
        case .wrongMethod(let allowed): .wrongMethod(allowed: allowed)
        case .options(let allowed): .options(allowed: allowed)
        }
    }

    @Test(arguments: [
        ("/camera", "camera", "default"), ("/viewer", "viewer", "default"), ("/camera/", "camera", "default"),
        ("/camera/front-door", "camera", "front-door"), ("/viewer/a.b_c", "viewer", "a.b_c"),
        // Whatever stands before: the first generation only looked for the word.
        ("/old/relay/camera", "camera", "default"), ("/x/viewer/door", "viewer", "door"),
        ("/viewer/camera", "viewer", "camera"),
    ])
    func `cameras and viewers, with and without a name`(path: String, place: String, name: String) {
        #expect(verdict(on: request(path)) == .enter(place, name))
    }

    @Test(arguments: [
        "/", "/cam", "/videos", "/uploads/a.mp4", "/upload", "/camera/a/b", "/camera/a b", "/control/",
        "/control/explode", "/statusx", "", "camera", "/camera/..", "/camera/%41", "/Camera", "/camera/a/viewer",
        "/camera/" + String(repeating: "x", count: 65),
    ])
    func `other paths are nowhere, with a WebSocket or without`(path: String) {
        #expect(verdict(on: request(path)) == .refuse(.path))
        #expect(verdict(on: request(path, [:])) == .refuse(.path))
    }

    @Test func `a camera's address without a WebSocket is a page's, to be read; a viewer's is nothing then`() {
        for method in ["GET", "HEAD"] {
            #expect(verdict(on: request("/camera/door", method: method, [:])) == .enter("camera page", "door"))
            #expect(verdict(on: request("/camera", method: method, token: nil, [:])) == .refuse(.token))
            #expect(verdict(on: request("/viewer", method: method, [:])) == .refuse(.path))
        }
        #expect(verdict(on: request("/camera", method: "POST")) == .wrongMethod(allowed: "GET, HEAD"))
    }

    @Test func `each route by its method; which there are is told with 405, and to who asks for the options`() {
        #expect(verdict(on: request("/status")) == .enter("status"))
        #expect(verdict(on: request("/status", method: "HEAD")) == .enter("status"))
        for method in ["POST", "PUT", "get", ""] {
            #expect(verdict(on: request("/status", method: method)) == .wrongMethod(allowed: "GET, HEAD"))
        }
        #expect(verdict(on: request("/control/start")) == .wrongMethod(allowed: "POST"))
        #expect(verdict(on: request("/control/start", method: "POST")) == .enter("start"))
        #expect(verdict(on: request("/fact", method: "PUT")) == .wrongMethod(allowed: "GET, HEAD, POST"))
        #expect(verdict(on: request("/fact", method: "OPTIONS")) == .options(allowed: "GET, HEAD, POST"))
        #expect(verdict(on: request("/nowhere", method: "OPTIONS")) == .refuse(.path))
        #expect(verdict(on: request("/fact", method: "OPTIONS", token: nil)) == .refuse(.token))
    }

    @Test func `what only wants the token takes it from every page`() {
        let headers = ["host": "box:8080", "origin": "https://elsewhere.example"]
        #expect(verdict(on: request("/fact", headers)) == .enter("fact"))
        #expect(verdict(on: request("/fact", token: nil, headers)) == .refuse(.token))
        #expect(verdict(on: request("/status", headers)) == .refuse(.origin))
    }

    @Test(arguments: [nil, "", "wrong-token", "right-toke", "right-token2", "RIGHT-TOKEN"])
    func `without the right token even a wrong path is only 401`(token: String?) {
        for path in ["/camera", "/status", "/nowhere"] {
            #expect(verdict(on: request(path, token: token)) == .refuse(.token))
        }
    }

    @Test(arguments: [
        ["authorization": "Bearer right-token"], ["authorization": "bearer right-token"],
        ["cookie": "framewatch_token=right-token"], ["cookie": "a=b; framewatch_token=right-token; c=d"],
    ])
    func `the token may come as a header or a cookie`(headers: [String: String]) {
        #expect(verdict(on: request("/status", token: nil, headers)) == .enter("status"))
    }

    @Test(arguments: [
        ["authorization": "Basic right-token"], ["authorization": "right-token"], ["cookie": "token=right-token"],
        ["cookie": "xframewatch_token=right-token"], ["x-token": "right-token"],
    ])
    func `a token in a header that is not ours is none`(headers: [String: String]) {
        #expect(verdict(on: request("/status", token: nil, headers)) == .refuse(.token))
    }

    @Test func `the token may stand before the path of whatever there is, and a wrong one there opens nothing`() {
        #expect(verdict(on: request("/t/right-token/camera/door", token: nil)) == .enter("camera", "door"))
        #expect(verdict(on: request("/t/right-token/camera/door", token: nil, [:])) == .enter("camera page", "door"))
        #expect(verdict(on: request("/t/right-token/status", token: nil)) == .enter("status"))
        #expect(verdict(on: request("/t/right-token", token: nil)) == .refuse(.path))
        for path in ["/t/wrong-token/camera", "/t//camera", "/camera/t/right-token"] {
            #expect(verdict(on: request(path, token: nil)) == .refuse(.token))
        }
    }

    @Test func `no token asked for, none needed`() {
        let gate = Gate(token: nil, allowedOrigins: [])
        #expect(verdict(on: request("/status", token: nil), by: gate) == .enter("status"))
        #expect(verdict(on: request("/t/whatever/status", token: nil), by: gate) == .enter("status"))
    }

    @Test(arguments: [
        ("POST", "/upload", true), ("POST", "/t/any-token/upload", true), ("POST", "/old/relay/upload", true),
        ("GET", "/upload", false), ("POST", "/uploads/a.mp4", false), ("POST", "/control/start", false),
        ("POST", "/", false), ("OPTIONS", "/upload", false),
    ])
    func `what an app would upload needs no token, from whatever page, and nothing else is let in by that`(
        method: String, path: String, isUpload: Bool
    ) {
        let verdict = verdict(on: request(path, method: method, token: nil, ["origin": "http://evil"]))
        #expect(verdict == (isUpload ? .enter("upload") : .refuse(.token)))
    }

    @Test func `a page that asks its own server says its origin in a header of ours`() {
        let headers = ["host": "box:8080", "x-page-origin": "https://cams.example"]
        #expect(verdict(on: request("/camera", method: "HEAD", headers)) == .refuse(.origin))
        let ours = ["host": "box:8080", "x-page-origin": "http://box:3000"]
        #expect(
            verdict(on: request("/camera", method: "HEAD", ours)) == .enter("camera page"))
    }

    @Test(arguments: [
        ("http://box:8080", true), ("http://box:3000", true), ("https://box:8443", true), ("HTTP://BOX:8080", true),
        ("https://pages.example", true), ("http://pages.example", false), ("https://pages.example:444", false),
        ("http://box:9999", false), ("http://box", false), ("http://evil:8080", false),
        ("http://box.evil:8080", false),
        ("null", false), ("", false), ("file://", false), ("http://", false), ("http://box:8080/path", false),
        ("http://box:8080@evil", false), ("http://[::1]:8080", false), ("http://box:99999", false),
    ])
    func `pages that we served may connect, and those that the configuration names`(origin: String, isWelcome: Bool) {
        let verdict = verdict(on: request("/camera", GateTests.upgrade.merging(["origin": origin]) { $1 }))
        #expect((verdict == .refuse(.origin)) == !isWelcome)
    }

    @Test func `IPv6 hosts, with and without a port`() {
        for (host, origin) in [("[::1]:8080", "http://[::1]:8080"), ("[::1]", "http://[::1]")] {
            let headers = ["upgrade": "websocket", "host": host, "origin": origin]
            #expect(verdict(on: request("/camera", headers)) == .enter("camera"))
        }
    }
}

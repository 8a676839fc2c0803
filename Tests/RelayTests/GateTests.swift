// SPDX-License-Identifier: Apache-2.0

import Signaling
import Sockets
import Telemetry
import Testing

@testable import Relay

@Suite("Who may come in")
struct GateTests {
    let gate = Gate(
        token: Secret("right-token"), allowedOrigins: ["https://pages.example"], ports: [8080, 3000, 8443])
    static let upgrade = ["upgrade": "websocket", "host": "box:8080"]

    func request(
        _ path: String, method: String = "GET", token: String? = "right-token", _ headers: [String: String] = upgrade
    ) -> HTTPRequest {
        var request = HTTPRequest(method: method, path: path)
        request.headers = headers
        if let token { request.query["token"] = token }
        return request
    }

    @Test(
        "cameras and viewers, with and without a name",
        arguments: [
            ("/camera", RelayAddress.Role.camera, "default"), ("/viewer", .viewer, "default"),
            ("/camera/front-door", .camera, "front-door"), ("/viewer/a.b_c", .viewer, "a.b_c"),
        ])
    func peers(path: String, role: RelayAddress.Role, name: String) throws {
        let camera = try #require(CameraName(name))
        #expect(gate.verdict(on: request(path)) == .peer(RelayAddress(role, of: camera)))
    }

    @Test(
        "other paths are nowhere, with a WebSocket or without",
        arguments: [
            "/", "/cam", "/videos", "/uploads/a.mp4", "/upload", "/camera/a/b", "/camera/a b", "/control/",
            "/control/explode", "/statusx",
        ])
    func nowhere(path: String) {
        #expect(gate.verdict(on: request(path)) == .refuse(404, .path))
        #expect(gate.verdict(on: request(path, [:])) == .refuse(404, .path))
    }

    @Test("a peer's address without a WebSocket is a page's, to be read", arguments: ["GET", "HEAD"])
    func pages(method: String) throws {
        let door = try #require(CameraName("door"))
        let camera = request("/camera/door", method: method, [:])
        #expect(gate.verdict(on: camera) == .page(RelayAddress(.camera, of: door)))
        #expect(gate.verdict(on: request("/viewer", method: method, [:])) == .page(RelayAddress(.viewer, of: .default)))
        #expect(gate.verdict(on: request("/camera", method: method, token: nil, [:])) == .refuse(401, .token))
        #expect(gate.verdict(on: request("/camera", method: "POST", [:])) == .wrongMethod(allowed: "GET, HEAD"))
    }

    @Test("status, metrics and control, each by its method")
    func routes() throws {
        #expect(gate.verdict(on: request("/status")) == .status)
        #expect(gate.verdict(on: request("/metrics")) == .metrics)
        #expect(gate.verdict(on: request("/status", method: "HEAD")) == .status)
        #expect(gate.verdict(on: request("/status", method: "POST")) == .wrongMethod(allowed: "GET, HEAD"))
        #expect(gate.verdict(on: request("/control/start")) == .wrongMethod(allowed: "POST"))
        #expect(gate.verdict(on: request("/control/start", method: "POST")) == .control(.start, nil))
        let door: CameraName = try #require(.init("door"))
        var named = request("/control/reconnect", method: "POST")
        named.query["camera"] = "door"
        #expect(gate.verdict(on: named) == .control(.reconnect, door))
        named.query["camera"] = "no such name"
        #expect(gate.verdict(on: named) == .refuse(404, .path))
    }

    @Test(
        "without the right token even a wrong path is only 401",
        arguments: [
            nil, "", "wrong-token", "right-toke", "right-token2", "RIGHT-TOKEN",
        ])
    func wrongToken(token: String?) {
        for path in ["/camera", "/status", "/nowhere"] {
            #expect(gate.verdict(on: request(path, token: token)) == .refuse(401, .token))
        }
    }

    @Test(
        "the token may come as a header or a cookie",
        arguments: [
            ["authorization": "Bearer right-token"], ["authorization": "bearer right-token"],
            ["cookie": "framewatch_token=right-token"], ["cookie": "a=b; framewatch_token=right-token; c=d"],
        ])
    func tokenElsewhere(headers: [String: String]) {
        #expect(gate.verdict(on: request("/status", token: nil, headers)) == .status)
    }

    @Test(
        "a token in a header that is not ours is none",
        arguments: [
            ["authorization": "Basic right-token"], ["authorization": "right-token"], ["cookie": "token=right-token"],
            ["cookie": "xframewatch_token=right-token"], ["x-token": "right-token"],
        ])
    func tokenNowhere(headers: [String: String]) {
        #expect(gate.verdict(on: request("/status", token: nil, headers)) == .refuse(401, .token))
    }

    @Test("the token may stand before the path of whatever there is, and a wrong one there opens nothing")
    func tokenInPath() throws {
        let door = RelayAddress(.camera, of: try #require(CameraName("door")))
        #expect(gate.verdict(on: request("/t/right-token/camera/door", token: nil)) == .peer(door))
        #expect(gate.verdict(on: request("/t/right-token/camera/door", token: nil, [:])) == .page(door))
        #expect(gate.verdict(on: request("/t/right-token/status", token: nil)) == .status)
        #expect(gate.verdict(on: request("/t/right-token", token: nil)) == .refuse(404, .path))
        for path in ["/t/wrong-token/camera", "/t//camera", "/camera/t/right-token"] {
            #expect(gate.verdict(on: request(path, token: nil)) == .refuse(401, .token))
        }
    }

    @Test("no token asked for, none needed")
    func open() {
        let gate = Gate(token: nil, allowedOrigins: [])
        #expect(gate.verdict(on: request("/status", token: nil)) == .status)
        #expect(gate.verdict(on: request("/t/whatever/status", token: nil)) == .status)
    }

    @Test(
        "only what an app would upload is left without an answer",
        arguments: [
            ("POST", "/upload", true), ("POST", "/t/any-token/upload", true), ("GET", "/upload", false),
            ("POST", "/uploads/a.mp4", false), ("POST", "/control/start", false), ("POST", "/", false),
        ])
    func uploads(method: String, path: String, isUpload: Bool) {
        #expect(Gate.isUpload(request(path, method: method, token: nil, [:])) == isUpload)
    }

    @Test("a page that asks its own server says its origin in a header of ours")
    func pageOrigin() {
        let headers = ["host": "box:8080", "x-page-origin": "https://cams.example"]
        #expect(gate.verdict(on: request("/camera", method: "HEAD", headers)) == .refuse(403, .origin))
        let ours = ["host": "box:8080", "x-page-origin": "http://box:3000"]
        #expect(
            gate.verdict(on: request("/camera", method: "HEAD", ours)) == .page(RelayAddress(.camera, of: .default)))
    }

    @Test(
        "pages that we served may connect, and those that the configuration names",
        arguments: [
            ("http://box:8080", true), ("http://box:3000", true), ("https://box:8443", true), ("HTTP://BOX:8080", true),
            ("https://pages.example", true), ("http://pages.example", false), ("https://pages.example:444", false),
            ("http://box:9999", false), ("http://box", false), ("http://evil:8080", false),
            ("http://box.evil:8080", false),
            ("null", false), ("", false), ("file://", false), ("http://", false), ("http://box:8080/path", false),
            ("http://box:8080@evil", false), ("http://[::1]:8080", false), ("http://box:99999", false),
        ])
    func origin(origin: String, isWelcome: Bool) {
        let verdict = gate.verdict(on: request("/camera", GateTests.upgrade.merging(["origin": origin]) { $1 }))
        #expect((verdict == .refuse(403, .origin)) == !isWelcome)
    }

    @Test("IPv6 hosts, with and without a port")
    func ipv6() {
        for (host, origin) in [("[::1]:8080", "http://[::1]:8080"), ("[::1]", "http://[::1]")] {
            let headers = ["upgrade": "websocket", "host": host, "origin": origin]
            #expect(gate.verdict(on: request("/camera", headers)) == .peer(RelayAddress(.camera, of: .default)))
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationNetworking
import MainLoop
import Sockets
import Telemetry
import Testing

@testable import Web

/// What a client hears, over real sockets.
@Suite("The front door", .timeLimit(.minutes(1)))
@MainLoop
struct FrontDoorTests {
    /// A door with a few routes behind it.
    @MainLoop
    final class House {
        private var door: FrontDoor?
        private(set) var port: UInt16 = 0
        private(set) var events: [RelayEvent] = []
        private(set) var calls = 0

        init() throws {
            var settings = FrontDoor.Settings()
            settings.bind = "127.0.0.1"
            settings.token = Secret("right-token")
            let door = FrontDoor(settings, routes) { [weak self] in self?.events.append($0) }
            self.door = door
            port = try door.listen(on: 0)
        }

        private var routes: [Route] {
            let ten = HTTPResponse(status: 200, type: "text/plain", body: Array("0123456789".utf8))
            return [
                Route(.get, .exactly("/ten")) { _, _ in .response(ten) },
                Route(.get, .exactly("/later")) { _, _ in
                    .later { exchange in MainLoop.post { exchange.respond(ten) } }
                },
                Route(.get, .named("camera")) { request, camera in
                    .response(.json(200, "\"\(request.path) \(camera) \(request.query["token"] ?? "")\""))
                },
                Route(.post, .exactly("/do")) { [weak self] _, _ in
                    self?.calls += 1
                    return .refuse(.path)
                },
                Route(.post, .ending("/upload"), for: .anybody, bodyLimit: .max) { _, _ in .drop },
            ]
        }

        func ask(
            _ method: String, _ path: String, _ headers: [String: String] = [:], body: String? = nil
        ) async throws -> (response: HTTPURLResponse, text: String) {
            var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
            request.httpMethod = method
            request.httpBody = body.map { Data($0.utf8) }
            for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
            let (data, response) = try await URLSession.shared.data(for: request)
            return (try #require(response as? HTTPURLResponse), String(decoding: data, as: UTF8.self))
        }
    }

    @Test
    func `routes answer at once or later, without bodies to HEAD, and in part to who asks for one`() async throws {
        let house = try House()
        for path in ["/ten", "/later"] {
            #expect(try await house.ask("GET", "\(path)?token=right-token").text == "0123456789")
        }
        let head = try await house.ask("HEAD", "/ten?token=right-token")
        #expect(head.response.value(forHTTPHeaderField: "Content-Length") == "10" && head.text.isEmpty)
        let part = try await house.ask("GET", "/ten?token=right-token", ["Range": "bytes=2-4"])
        #expect(part.response.statusCode == 206 && part.text == "234")
        #expect(try await house.ask("GET", "/ten?token=right-token", ["Range": "bytes=10-"]).response.statusCode == 416)
        let named = try await house.ask("GET", "/t/right-token/x/camera/door")
        #expect(named.text == "\"/x/camera/door door right-token\"\n")
    }

    @Test func `whoever is refused is told so: a program in JSON, a browser on a page`() async throws {
        let house = try House()
        let program = try await house.ask("GET", "/nowhere?token=right-token")
        #expect(program.response.statusCode == 404)
        #expect(program.text == JSONText.of(.path))
        let browser = ["Accept": "text/html,application/xhtml+xml,*/*;q=0.8"]
        let refused = [("/ten", 401, "A token is needed"), ("/no?token=right-token", 404, "nothing here")]
        for (path, status, title) in refused {
            let page = try await house.ask("GET", path, browser)
            #expect(page.response.statusCode == status)
            #expect(page.response.value(forHTTPHeaderField: "Content-Type") == "text/html; charset=utf-8")
            #expect(page.text.contains(title) && !page.text.contains("{{"))
        }
        let foreign = try await house.ask("GET", "/ten?token=right-token", ["Origin": "https://evil.example"])
        #expect(foreign.response.statusCode == 403)
        #expect(foreign.response.value(forHTTPHeaderField: "Access-Control-Allow-Origin") == "*")
        let wrong = try await house.ask("PUT", "/ten?token=right-token")
        #expect(wrong.response.statusCode == 405 && wrong.response.value(forHTTPHeaderField: "Allow") == "GET, HEAD")
        let options = try await house.ask("OPTIONS", "/ten?token=right-token")
        #expect(options.response.statusCode == 204)
        #expect(options.response.value(forHTTPHeaderField: "Allow") == "GET, HEAD")
        #expect(house.events.count == 5)
        #expect(
            house.events.contains(
                .admissionRefused(status: 403, "foreign_origin", origin: "https://evil.example")))
    }

    @Test
    func `a body that nobody wants is refused before anything is done; an upload is not even answered`() async throws {
        let house = try House()
        #expect(try await house.ask("POST", "/do?token=right-token", body: "x").response.statusCode == 413)
        #expect(house.calls == 0)
        #expect(try await house.ask("POST", "/do?token=right-token").response.statusCode == 404)
        #expect(house.calls == 1)
        await #expect(throws: URLError.self) { try await house.ask("POST", "/upload", body: "a film") }
    }

    private enum JSONText {
        static func of(_ why: Refusal) -> String { "{\"advice\":\"\(why.advice)\",\"error\":\"\(why.rawValue)\"}\n" }
    }
}

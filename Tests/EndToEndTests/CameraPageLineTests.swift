// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

extension BrowserTests {
    /// What the page says to whoever holds the phone.
    @Suite("The camera page's line", .timeLimit(.minutes(1)))
    struct CameraPageLineTests {
        @Test func `without a relay it calls again for ever, and with another token it says what to do`() async throws {
            var relay = try await RelayProcess()
            let port = relay.webSocketPort
            let phone = try await Chromium()
            try await phone.open("http://127.0.0.1:\(port)/camera?\(BrowserTests.token)")
            #expect(try await phone.untilItSays("Ready") == "Ready. Nobody is watching yet.")
            relay.program.signal(SIGKILL)
            #expect(try await phone.untilItSays("Calling again in").hasPrefix("The workstation does not answer. "))
            relay = try await RelayProcess(port: port, token: "another-token")
            let said = try await phone.untilItSays("token")
            #expect(said.hasPrefix("The token in this address is wrong: scan the QR code again. "))
            relay.program.signal(SIGKILL)
            _ = try await phone.untilItSays("does not answer")
            relay = try await RelayProcess(port: port)
            _ = try await phone.untilItSays("Ready")
            try await relay.program.line(with: "📡 WebRTC signaling from camera: offer")
        }

        @Test func `a camera that is not allowed, and is allowed then`() async throws {
            let relay = try await RelayProcess()
            let phone = try await Chromium(for: .answered)
            try await phone.answer(.denied, for: "camera")
            try await phone.open("http://127.0.0.1:\(relay.httpPort)/camera?\(BrowserTests.token)")
            let said = try await phone.untilItSays("not allowed")
            #expect(said == "The camera is not allowed: allow it in the settings of this page, then try again.")
            try await phone.answer(.granted, for: "camera")
            let _: Bool = try await phone.evaluate("document.getElementById('again').click(); true")
            _ = try await phone.untilItSays("Ready")
        }

        @Test func `without TLS it leads to where there is some`() async throws {
            let relay = try await RelayProcess()
            let phone = try await Chromium(.pie, "--host-resolver-rules=MAP box.test 127.0.0.1")
            try await phone.open("http://box.test:\(relay.httpPort)/camera/door?\(BrowserTests.token)")
            _ = try await phone.untilItSays("Browsers open a camera only over TLS.")
            let link: String = try await phone.evaluate("document.getElementById('secure').href")
            #expect(link == "https://box.test:\(relay.httpsPort)/camera/door?\(BrowserTests.token)")
        }

        @Test func `a codec that the browser has not`() async throws {
            let relay = try await RelayProcess()
            let phone = try await Chromium()
            try await phone.open("http://127.0.0.1:\(relay.httpPort)/camera?\(BrowserTests.token)&codec=h266")
            let said = try await phone.untilItSays("h266")
            #expect(said == "This browser has no codec h266: leave codec= out of the address.")
        }

        @Test
        func `another phone takes its name: it says so, does not fight, and goes on when that leaves`() async throws {
            let relay = try await RelayProcess()
            let page = try await Chromium()
            try await page.open("http://127.0.0.1:\(relay.httpPort)/t/\(RelayProcess.token)/camera")
            _ = try await page.untilItSays("Ready")
            let phone = try Program.python("peer.py", "\(relay.url)/camera", "--token", RelayProcess.token)
            try await phone.line(with: "open")
            try phone.tell(#"{"send": {"type": "offer", "sdp": "v=0"}}"#)
            let said = try await page.untilItSays("Another phone")
            #expect(
                said == "Another phone has taken this camera's name. Give each its own: /camera/NAME in its address.")
            // Neither when it is seen again nor over a new socket does it say a word.
            let _: Bool = try await page.evaluate("seenAgain(); dial(); true")
            try await page.until("socket.readyState === WebSocket.OPEN")
            let _: Bool = try await page.evaluate("seenAgain(); true")
            try phone.tell(#"{"close": 1000}"#)
            _ = try await page.untilItSays("Ready")
            #expect(!phone.transcript.contains { $0.contains("displaced") })
            // Whoever holds the phone may want it back.
            let rival = try Program.python("peer.py", "\(relay.url)/camera", "--token", RelayProcess.token)
            try await rival.line(with: "open")
            try rival.tell(#"{"send": {"type": "status", "status": "recording"}}"#)
            _ = try await page.untilItSays("Another phone")
            let _: Bool = try await page.evaluate("document.getElementById('again').click(); true")
            try await rival.line(with: "displaced")
            _ = try await page.untilItSays("Ready")
        }

        @Test func `a site that may not connect is named, with what to do`() async throws {
            let relay = try await RelayProcess()
            let proxy = try Program.python("proxy.py", relay.httpPort)
            let place = "http://127.0.0.1:\(try #require(await proxy.line()))"
            let phone = try await Chromium()
            try await phone.open("\(place)/camera?\(BrowserTests.token)")
            let said = try await phone.untilItSays("allowed-origins")
            #expect(said.hasPrefix("The workstation refuses this site: add \(place) to its allowed-origins. "))
            let line = "🚫 Refused a page's connection with 403: foreign_origin; allowed-origins does not name \(place)"
            try await relay.program.line(with: line)
            // A page of any site may read the refusal; this one is bound by no policy of ours.
            try await phone.open("\(place)/status?\(BrowserTests.token)")
            try await phone.until("location.pathname === '/status'")
            let url = "http://127.0.0.1:\(relay.httpPort)/camera?\(BrowserTests.token)"
            let advice: String = try await phone.evaluate(
                "fetch('\(url)').then((it) => it.json()).then((it) => it.error)")
            #expect(advice == "foreign_origin")
        }
    }
}

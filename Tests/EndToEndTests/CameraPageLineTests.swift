// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

extension BrowserTests {
    /// What the page says to whoever holds the phone.
    @Suite("The camera page's line", .timeLimit(.minutes(1)))
    struct CameraPageLineTests {
        @Test("without a relay it calls again for ever, and with another token it says what to do")
        func relay() async throws {
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

        @Test("a camera that is not allowed, and is allowed then")
        func denied() async throws {
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

        @Test("without TLS it leads to where there is some")
        func noTLS() async throws {
            let relay = try await RelayProcess()
            let phone = try await Chromium(.pie, "--host-resolver-rules=MAP box.test 127.0.0.1")
            try await phone.open("http://box.test:\(relay.httpPort)/camera/door?\(BrowserTests.token)")
            _ = try await phone.untilItSays("Browsers open a camera only over TLS.")
            let link: String = try await phone.evaluate("document.getElementById('secure').href")
            #expect(link == "https://box.test:\(relay.httpsPort)/camera/door?\(BrowserTests.token)")
        }

        @Test("a codec that the browser has not")
        func codec() async throws {
            let relay = try await RelayProcess()
            let phone = try await Chromium()
            try await phone.open("http://127.0.0.1:\(relay.httpPort)/camera?\(BrowserTests.token)&codec=h266")
            let said = try await phone.untilItSays("h266")
            #expect(said == "This browser has no codec h266: leave codec= out of the address.")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The camera page in a real browser, from its first offer to all that can happen to it.
@Suite("A browser as the phone", .serialized, .timeLimit(.minutes(1)))
struct BrowserTests {
    static let token = "token=\(RelayProcess.token)"
    static let certificate = "\(RelayProcess.state)/identity.pem"

    /// What the browser itself says that it sends.
    struct Sending: Decodable {
        let codec: String
        let width: Int
        let height: Int
        let megabits: Double
        let frames: Double
        let addresses: [String]
    }

    /// Measures once a second, until enough is sent at full size or 20 s are over.
    static let measuring = """
        (async () => {
          const read = async () => {
            const reports = [...(await peer.getStats()).values()];
            const video = reports.find(({ type, kind }) => type === "outbound-rtp" && kind === "video");
            return { ...video, codec: reports.find(({ id }) => id === video?.codecId)?.mimeType };
          };
          let before = await read();
          for (let second = 1; ; second++) {
            await new Promise((done) => setTimeout(done, 1000));
            const now = await read();
            const seconds = (now.timestamp - before.timestamp) / 1000;
            const sending = {
              codec: now.codec, width: now.frameWidth, height: now.frameHeight,
              addresses: [...peer.localDescription.sdp.matchAll(/a=candidate:(?:\\S+ ){4}(\\S+)/g)].map(([, it]) => it),
              megabits: ((now.bytesSent - before.bytesSent) * 8) / seconds / 1e6,
              frames: (now.framesEncoded - before.framesEncoded) / seconds,
            };
            before = now;
            if (second === 20 || (sending.width === 1280 && sending.megabits >= 1.5)) return sending;
          }
        })()
        """

    @Test func `the first page names what is here, and leads to the page that makes a browser a camera`() async throws {
        let relay = try await RelayProcess()
        let camera = try Program.python("peer.py", "\(relay.url)/camera/front-door", "--token", RelayProcess.token)
        try await camera.line(with: "open")
        let browser = try await Chromium(trusting: BrowserTests.certificate)
        try await browser.open("https://127.0.0.1:\(relay.httpsPort)/?\(BrowserTests.token)")
        try await browser.until("document.querySelector('a')")
        let outline: [String] = try await browser.evaluate(
            "[...document.querySelectorAll('h1, h2, li')].map((it) => it.innerText)")
        let address = "https://127.0.0.1:\(relay.httpsPort)/camera"
        #expect(outline == ["framewatch", "Cameras", "front-door", "Make a phone a camera", address])
        // Its policy lets its own style in.
        try await browser.until("getComputedStyle(document.querySelector('section')).borderRadius === '16px'")
        try await browser.open(browser.evaluate("document.querySelector('a').href"))
        try await browser.until("document.getElementById('preview')")
    }

    @Test(arguments: ["h264", "vp8"])
    func `sends frames at its camera's rate and size, behind mDNS names, with sound`(codec: String) async throws {
        let receiver = try await ReceiverProcess()
        let phone = try await Chromium(.rings, trusting: BrowserTests.certificate)
        try await phone.answer(.prompt, for: "camera", "microphone")
        try await phone.open("\(receiver.page)?\(BrowserTests.token)&audio=1&codec=\(codec)")
        try await receiver.reachFrame()
        let sending: Sending = try await phone.evaluate(BrowserTests.measuring)
        #expect(sending.codec.lowercased() == "video/\(codec)")
        #expect(sending.width == 1280 && sending.height == 720)
        #expect(sending.megabits >= 1.5)
        #expect(!sending.addresses.isEmpty && sending.addresses.allSatisfy { $0.hasSuffix(".local") })
        print("\(codec): \(sending.megabits) Mbit/s, \(sending.frames) frames a second")
        // While the machine is busy, 30 a second may be too many for the camera itself.
        let encoded = "peer.getStats().then((all) => [...all.values()].find((it) => it.framesEncoded).framesEncoded)"
        let sent: Int = try await phone.evaluate(encoded)
        var received = 0
        while received < sent { received = try await receiver.reach("frames", of: "default").total ?? 0 }
        let missing = try await phone.evaluate(encoded) - received
        #expect((-5...15).contains(missing), "\(received) frames arrived, and \(missing) more were sent")
        #expect(try await phone.untilItSays("Live · ").contains("1280×720"))
    }

    @Test func `answers the receiver's pings`() async throws {
        let receiver = try await ReceiverProcess()
        let phone = try await Chromium(trusting: BrowserTests.certificate)
        try await phone.open("\(receiver.page)?\(BrowserTests.token)")
        try await receiver.reachFrame()
        let sent: [UInt8] = try await phone.evaluate(
            """
            new Promise((done) => {
              const send = RTCDataChannel.prototype.send;
              RTCDataChannel.prototype.send = function (data) { done([...data]); return send.call(this, data); };
            })
            """)
        #expect(sent == Array("\0PONG".utf8))
    }

    @Test func `a track that is replaced by nothing is missed, and the next offer brings frames`() async throws {
        let receiver = try await ReceiverProcess()
        let phone = try await Chromium(trusting: BrowserTests.certificate)
        try await phone.open("\(receiver.page)?\(BrowserTests.token)")
        try await receiver.reachFrame()
        try await receiver.reach("frames", of: "default")
        let _: Bool = try await phone.evaluate("peer.getSenders()[0].replaceTrack(null).then(() => true)")
        let emptied = Date.now
        let said = try await phone.untilItSays("no pictures leave this phone")
        #expect(said.hasPrefix("Connected, but"))
        let dead = try await receiver.reachDeath()
        #expect((9.8...10.3).contains(dead.time.timeIntervalSince(emptied)))
        try await receiver.reachRecovery()
    }

    @Test func `a phone that closes its connection just before it offers anew is asked for nothing`() async throws {
        let receiver = try await ReceiverProcess()
        let phone = try await Chromium(trusting: BrowserTests.certificate)
        try await phone.open("\(receiver.page)?\(BrowserTests.token)")
        for _ in 1...3 {
            try await receiver.reachFrame()
            try await receiver.reach("frames", of: "default")
            let _: Bool = try await phone.evaluate(
                "peer.close(); new Promise((done) => setTimeout(() => { offer(); done(true); }, 15))")
            try await receiver.reach("peer_gone", of: "default")
        }
        try await receiver.reachFrame()
        try await receiver.reach("frames", of: "default")
        #expect(!receiver.log.contains { $0.event == "reconnect_requested" })
        #expect(receiver.errors.isEmpty)
    }

    @Test func `a page that is reloaded goes on`() async throws {
        let receiver = try await ReceiverProcess()
        let phone = try await Chromium(trusting: BrowserTests.certificate)
        try await phone.open("\(receiver.page)/door?\(BrowserTests.token)")
        for _ in 1...3 {
            try await receiver.reachFrame(of: "door")
            try await receiver.reach("frames", of: "door")
            try await phone.reload()
        }
        try await receiver.reachFrame(of: "door")
        #expect(!receiver.log.contains { $0.event == "dead" })
    }

    @Test func `a page that is hidden says so, and goes on over a new socket when it is seen again`() async throws {
        let receiver = try await ReceiverProcess()
        let phone = try await Chromium(trusting: BrowserTests.certificate)
        try await phone.open("\(receiver.page)?\(BrowserTests.token)")
        try await receiver.reach("frames", of: "default")
        let uncover = try await phone.cover()
        try await receiver.reach("paused", of: "default")
        // This browser sends on all the same.
        _ = try await phone.untilItSays("Live · ")
        try await uncover()
        try await receiver.reach("camera_connected", of: "default")
        try await receiver.reach("frames", of: "default")
        try await receiver.reach("frames", of: "default")
        // What still works needs no other in its place.
        #expect(receiver.log.count { $0.event == "offer_received" } == 1)
        #expect(receiver.errors.isEmpty)
    }
}

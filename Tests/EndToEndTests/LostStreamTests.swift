// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Everything that happens to phones, networks and processes ends in frames again, without hands.
@Suite("A stream that is lost", .serialized, .timeLimit(.minutes(1)))
struct LostStreamTests {
    @Test func `a phone that freezes and goes on is found and asked, and another one never notices`() async throws {
        let receiver = try await ReceiverProcess()
        let phone = try Program.phone("first", at: receiver.url)
        let other = try Program.camera(at: receiver.url, "--name", "second")
        try await receiver.reach("frames", of: "first")
        try await receiver.reach("frames", of: "second")
        phone.signal(SIGSTOP)
        let frozen = Date.now
        let dead = try await receiver.reachDeath(of: "first")
        // The same by the clock on the wall, which knows nothing of what the receiver takes for its last frame.
        #expect((9.8...10.3).contains(dead.time.timeIntervalSince(frozen)))
        phone.signal(SIGCONT)
        // Its old connection is still listened to: frames come of that before it obeys.
        try await receiver.reach("recovered", of: "first")
        try await receiver.reachFrame(of: "first")
        try await receiver.reach("frames", of: "first")
        let troubles = receiver.log.filter { $0.camera == "second" && $0.time > frozen && $0.event != "frames" }
        #expect(troubles.isEmpty, "\(troubles)")
        try await receiver.reach("frames", of: "second")
        withExtendedLifetime(other) {}
    }

    @Test func `a zombie is found and gone, and the log reads as it always did`() async throws {
        let receiver = try Program.framewatch(
            "run", "--bind", "127.0.0.1", "--ws-port", "0", "--http-port", "0", "--https-port", "0", "--token",
            RelayProcess.token, "--state-dir", RelayProcess.state)
        let url = try await receiver.line(with: "ws://").drop { $0 != "w" }
        let camera = try Program.camera(at: String(url), "--zombie-after", "3")
        for line in [
            "[INFO] 📹 Frame 60 | FPS: ", "[ERROR] ❌ No frames for 5s! (failure #1)",
            "[ERROR] ❌ No frames for 8s! (failure #2)", "[ERROR] 💀 Connection DEAD after 10s",
            "[INFO] 1️⃣ Closing old peer connection...", "[INFO] 2️⃣ Creating new peer connection...",
            "[INFO] 🔄 Requesting reconnection from camera...", "[INFO] ⏳ Waiting 30s for reconnection...",
            "[INFO] 📥 Received offer", "[INFO] 📤 Sent answer", "[INFO] 🔌 Connection state: connected",
            "[INFO] ✅ Reconnection successful! Resuming monitoring...", "[INFO] 📹 Frame ",
        ] { try await receiver.line(with: line) }
        withExtendedLifetime(camera) {}
    }

    @Test func `a phone that ignores the first two commands is asked a third time`() async throws {
        let receiver = try await ReceiverProcess("--reconnect-wait", "3", "--retry-delays", "1")
        let camera = try Program.camera(at: receiver.url, "--zombie-after", "3", "--deaf", "2")
        try await receiver.reach("frames", of: "default")
        try await receiver.reachDeath()
        for _ in 1...2 {
            try await receiver.reach("reconnect_requested", of: "default")
            try await receiver.reach("reconnect_failed", of: "default")
            try await receiver.reach("retry_scheduled", of: "default")
        }
        try await receiver.reachRecovery()
        withExtendedLifetime(camera) {}
    }

    @Test func `a phone that is killed and started again`() async throws {
        let receiver = try await ReceiverProcess()
        var phone = try Program.phone(at: receiver.url)
        try await receiver.reach("frames", of: "default")
        phone.signal(SIGKILL)
        try await receiver.reachDeath()
        try await receiver.reach("nobody_to_ask", of: "default")
        phone = try Program.phone(at: receiver.url)
        try await receiver.reachFrame()
        try await receiver.reach("recovered", of: "default")
        #expect(!receiver.log.contains { $0.event == "reconnect_requested" })
    }

    @Test func `a relay that is killed and started again, and the stream goes on`() async throws {
        var relay = try await RelayProcess()
        let receiver = try await ReceiverProcess(joining: relay.url)
        let phone = try Program.phone(at: relay.url)
        try await receiver.reachFrame()
        relay.program.signal(SIGKILL)
        try await receiver.reach("relay_lost", of: "default")
        try await receiver.reach("frames", of: "default")
        relay = try await RelayProcess(port: relay.webSocketPort)
        try await receiver.reach("relay_joined", of: "default")
        // Phones offer whenever their socket opens.
        try await receiver.reachFrame()
        try await receiver.reach("frames", of: "default")
        #expect(!receiver.log.contains { $0.event == "dead" })
        withExtendedLifetime(phone) {}
    }

    @Test func `where a phone is back at a new relay before the receiver, no death is waited for`() async throws {
        var relay = try await RelayProcess()
        let receiver = try await ReceiverProcess(joining: relay.url, "--stall-after", "60")
        var phone = try Program.phone(at: relay.url)
        try await receiver.reach("frames", of: "default")
        receiver.program.signal(SIGSTOP)
        phone.signal(SIGKILL)
        relay.program.signal(SIGKILL)
        relay = try await RelayProcess(port: relay.webSocketPort)
        phone = try Program.phone(at: relay.url)
        try await phone.line(with: "offered")
        receiver.program.signal(SIGCONT)
        #expect(try await receiver.reach("reconnect_requested", of: "default").reason == "missed_offer")
        try await receiver.reachFrame()
        try await receiver.reach("recovered", of: "default")
    }

    @Test
    func `a camera of pictures and no offer is asked three times, and again when it says something new`() async throws {
        let receiver = try await ReceiverProcess(
            "--reconnect-wait", "1", "--retry-delays", "0.1", "--stall-after", "1", "--warn-after", "1")
        let camera = try Program.python("peer.py", "\(receiver.url)/camera", "--token", RelayProcess.token)
        for round in 1...2 {
            for _ in 1...3 {
                try await camera.line(with: "reconnect")
                try camera.tell(#"{"binary": 1001}"#)
            }
            try await receiver.reach("pictures_only", of: "default")
            let asked = receiver.log.count { $0.event == "reconnect_requested" }
            #expect(asked == round * 3)
            try camera.tell(#"{"send": {"type": "status", "status": "\#(round == 1 ? "waiting" : "recording")"}}"#)
        }
        try await receiver.reach("reconnect_requested", of: "default")
    }

    @Test
    func `a receiver that starts after the phone asks it to offer, and does so when it was killed, too`() async throws {
        let relay = try await RelayProcess()
        let phone = try Program.phone(at: relay.url)
        try await phone.line(with: "offered")
        for _ in 1...2 {
            let receiver = try await ReceiverProcess(joining: relay.url, state: "\(RelayProcess.state)/late")
            #expect(try await receiver.reach("reconnect_requested", of: "default").reason == "missed_offer")
            try await receiver.reachFrame()
            try await receiver.reach("frames", of: "default")
            receiver.program.signal(SIGKILL)
        }
    }

    @Test(
        .enabled("this needs network namespaces (as root or in user namespaces), ip and nft") {
            await Network.isPossible()
        })
    func `nothing gets through for 15 s`() async throws {
        let network = try await Network()
        let receiver = try await ReceiverProcess(at: Network.workstationAddress, in: network.workstation)
        let phone = try Program.phone(at: receiver.url, in: network.phone)
        try await receiver.reach("frames", of: "default")
        let outage = try network.cut(for: 15)
        try await receiver.reachDeath()
        try await outage.end()
        // The old connection heals, long before the command arrives that was sent meanwhile.
        try await receiver.reach("recovered", of: "default")
        try await receiver.reach("frames", of: "default")
        withExtendedLifetime(phone) {}
    }

    @Test func `a guest that was there before the embedded receiver is told last that it waits`() async throws {
        let receiver = try await ReceiverProcess()
        let guest = try Program.python(
            "peer.py", "\(receiver.url)/viewer/door", "--token", RelayProcess.token, "--session", "guest")
        try await guest.line(with: #"\"role\":\"holder\""#)
        let camera = try Program.python("peer.py", "\(receiver.url)/camera/door", "--token", RelayProcess.token)
        try await camera.line(with: "reconnect")
        try camera.tell(#"{"send": {"type": "status", "status": "waiting"}}"#)
        try await guest.line(with: "camera_status")
        let roles = guest.transcript.filter { $0.contains("viewer_role") }
        #expect(roles.last?.contains("waiting") == true, "\(roles)")
    }

    @Test
    func `two receivers on one phone: the second waits, and has the frames when the first one dies`() async throws {
        let relay = try await RelayProcess()
        let first = try await ReceiverProcess(joining: relay.url)
        let phone = try Program.phone(at: relay.url)
        try await first.reach("frames", of: "default")
        let second = try await ReceiverProcess(joining: relay.url)
        try await second.reach("waiting", of: "default")
        try await first.reach("frames", of: "default")
        first.program.signal(SIGKILL)
        try await second.reachFrame()
        try await second.reach("frames", of: "default")
        #expect(!second.log.contains { $0.event == "dead" })
        withExtendedLifetime(phone) {}
    }
}

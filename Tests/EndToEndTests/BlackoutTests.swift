// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Nothing gets through for a while, in either direction, and nobody is told.
@Suite(
    "A blackout", .serialized, .timeLimit(.minutes(1)),
    .enabled("this needs network namespaces (as root or in user namespaces), ip and nft") {
        await Network.isPossible()
    })
struct BlackoutTests {
    @Test func `a browser's frames are back soon after 12 s of it`() async throws {
        let network = try await Network()
        let receiver = try await ReceiverProcess(at: Network.workstationAddress, in: network.workstation)
        let phone = try await Chromium(trusting: BrowserTests.certificate, in: network.phone)
        try await phone.open("\(receiver.page)?\(BrowserTests.token)")
        try await receiver.reach("frames", of: "default")
        let outage = try network.cut(for: 12)
        try await receiver.reachDeath()
        try await outage.end()
        let ended = Date.now
        let recovery = try await receiver.reach("recovered", of: "default").time.timeIntervalSince(ended)
        print("frames are back after \(recovery) s")
        #expect(recovery < 5)
    }

    @Test func `a command that is given during it is heard soon after it`() async throws {
        let network = try await Network()
        let receiver = try await ReceiverProcess(
            at: Network.workstationAddress, in: network.workstation, "--reconnect-wait", "6", "--retry-delays", "1")
        let phone = try Program.peer("\(receiver.url)/camera", in: network.phone)
        try await phone.line(with: "reconnect")
        let outage = try network.cut(for: 15)
        // 7 s after the first: a kernel that was given it then would repeat it after 6.2 s, and next after 12.6 s.
        for _ in 1...2 { try await receiver.reach("reconnect_requested", of: "default") }
        try await outage.end()
        let ended = Date.now
        try await phone.line(with: "reconnect")
        let wait = Date.now.timeIntervalSince(ended)
        print("the command is there after \(wait) s")
        #expect(wait < 3)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A phone that no direct way leads to: what the gateway relays is all that gets through.
@Suite(
    "TURN", .serialized, .timeLimit(.minutes(1)),
    .enabled("this needs network namespaces (as root or in user namespaces), ip and nft") {
        await Network.isPossible()
    })
struct TURNTests {
    static let password = "not-for-any-log"

    @Test func `frames flow through a relay, and no log shows its password`() async throws {
        let network = try await GuardedNetwork()
        let server = try await TURNTests.server(in: network, password: TURNTests.password)
        let receiver = try await TURNTests.receiver(in: network)
        let phone = try Program.phone(at: receiver.url, in: network.phone)
        try await receiver.reachFrame()
        try await receiver.reach("frames", of: "default")
        #expect(receiver.errors.isEmpty)
        #expect(!receiver.program.transcript.joined().contains(TURNTests.password))
        withExtendedLifetime((server, phone)) {}
    }

    @Test func `a relay that refuses the password lets no frame through, and no log shows what it was`() async throws {
        let network = try await GuardedNetwork()
        let server = try await TURNTests.server(in: network, password: "another-one")
        let receiver = try await TURNTests.receiver(in: network)
        let phone = try Program.phone(at: receiver.url, in: network.phone)
        try await server.line(with: "credentials are incorrect")
        try await receiver.reach("retry_scheduled", of: "default")
        #expect(!receiver.log.contains { $0.event == "first_frame" })
        #expect(!receiver.program.transcript.joined().contains(TURNTests.password))
        withExtendedLifetime(phone) {}
    }

    static func receiver(in network: GuardedNetwork) async throws -> ReceiverProcess {
        try await ReceiverProcess(
            at: GuardedNetwork.workstationAddress, in: network.workstation, "--log-level", "debug", "--turn",
            "turn://phone:\(password)@\(GuardedNetwork.nearAddress):3478", "--reconnect-wait", "5")
    }

    /// coturn on the gateway, once it listens.
    static func server(in network: GuardedNetwork, password: String) async throws -> Program {
        let server = try Program.tool(
            [
                "stdbuf", "-oL", "turnserver", "-n", "--verbose", "--no-cli", "--no-tls", "--no-dtls", "--simple-log",
                "--log-file", "stdout",
                "--pidfile", "/dev/null", "--userdb", ":memory:", "--relay-threads", "1", "--lt-cred-mech", "--realm",
                "tests", "--user", "phone:\(password)", "--listening-ip", GuardedNetwork.nearAddress, "--relay-ip",
                GuardedNetwork.farAddress,
            ], in: network.gateway)
        try await server.line(with: "UDP listener opened")
        return server
    }
}

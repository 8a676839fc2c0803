// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A browser whose path to us has died looks for another: its frames go on, and no fresh connection is asked for.
@Suite(
    "A path that dies", .serialized, .timeLimit(.minutes(1)),
    .enabled("this needs network namespaces (as root or in user namespaces), ip and nft") {
        await Network.isPossible()
    })
struct PathRestartTests {
    @Test(arguments: ["h264", "vp8"])
    func `old ports are dead, three times over`(codec: String) async throws {
        let network = try await Network()
        let (phone, receiver) = try await PathRestartTests.streaming(codec, over: network)
        for _ in 1...3 {
            try await network.block(try await phone.evaluate(PathRestartTests.ports))
            try await PathRestartTests.restart(phone, receiver)
        }
        #expect(receiver.log.count { $0.event == "offer_received" } == 4)
    }

    @Test func `behind a relay old ports are dead`() async throws {
        let network = try await GuardedNetwork()
        let server = try await TURNTests.server(in: network, password: TURNTests.password)
        let receiver = try await TURNTests.receiver(in: network)
        let phone = try await PathRestartTests.phone("h264", receiver, in: network.phone)
        for _ in 1...2 {
            try await network.block(try await phone.evaluate(PathRestartTests.ports))
            try await PathRestartTests.restart(phone, receiver)
        }
        withExtendedLifetime(server) {}
    }

    // MARK: - Parts

    private static func streaming(
        _ codec: String, over network: Network
    ) async throws -> (Chromium, ReceiverProcess) {
        let receiver = try await ReceiverProcess(at: Network.workstationAddress, in: network.workstation)
        return (try await phone(codec, receiver, in: network.phone), receiver)
    }

    private static func phone(
        _ codec: String, _ receiver: ReceiverProcess, in place: Place
    ) async throws -> Chromium {
        let phone = try await Chromium(trusting: BrowserTests.certificate, in: place)
        try await phone.open("\(receiver.page)?\(BrowserTests.token)&codec=\(codec)")
        try await receiver.reachFrame()
        try await receiver.reach("frames", of: "default")
        return phone
    }

    /// Those of the phone's candidates.
    private static let ports = """
        [...peer.localDescription.sdp.matchAll(/a=candidate:\\S+ 1 udp \\S+ \\S+ (\\d+)/g)].map(([, port]) => Number(port))
        """

    /// Ours, as the phone knows them.
    private static let names = "peer.remoteDescription.sdp.match(/a=ice-ufrag:.*/g)"

    /// Has the phone restart ICE after 1 s, and reads on to frames that came after that.
    private static func restart(_ phone: Chromium, _ receiver: ReceiverProcess) async throws {
        let before = try await phone.evaluate(names, as: [String].self)
        let _: Bool = try await phone.evaluate(
            """
            (async () => {
              await new Promise((done) => setTimeout(done, 1000));
              await heard(JSON.stringify({ command: "ice_restart" }));
              return true;
            })()
            """)
        let answered = try await receiver.reach("answer_sent", of: "default").time
        // Sixty frames, the last of which came later.
        var last = answered
        while last <= answered { last = try await receiver.reach("frames", of: "default").time }
        try await receiver.reach("frames", of: "default")
        let after = try await phone.evaluate(names, as: [String].self)
        #expect(!after.isEmpty && Set(before).isDisjoint(with: after))
        let times = receiver.log.filter { $0.event == "frames" }.map(\.time)
        let longest = zip(times, times.dropFirst()).map { $1.timeIntervalSince($0) }.suffix(3).max() ?? 0
        print("\(Test.current?.displayName ?? ""): about \(longest - 2) s without frames")
        #expect(longest - 2 < 2.5)
        let troubles: Set = ["silent", "dead", "reconnect_requested", "peer_failed"]
        #expect(!receiver.log.contains { troubles.contains($0.event) })
    }
}

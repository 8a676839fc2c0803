// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What a phone learns from us of how its stream arrives, by which it decides what to send.
@Suite(
    "Feedback to a browser", .serialized, .timeLimit(.minutes(1)),
    .enabled("this needs network namespaces (as root or in user namespaces), ip and nft") {
        await Network.isPossible()
    })
struct FeedbackTests {
    private static let reading = """
        const read = async () => {
          const reports = [...(await peer.getStats()).values()].filter(({ kind }) => kind === "video");
          const of = (wanted) => reports.find(({ type }) => type === wanted) ?? {};
          return { ...of("outbound-rtp"), ...of("remote-inbound-rtp") };
        };
        const pass = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
        """

    /// A phone whose frames flow, and who receives them.
    private static func streaming(over network: Network) async throws -> (Chromium, ReceiverProcess) {
        let receiver = try await ReceiverProcess(at: Network.workstationAddress, in: network.workstation)
        let phone = try await Chromium(.rings, trusting: BrowserTests.certificate, in: network.phone)
        try await phone.open("\(receiver.page)?\(BrowserTests.token)&codec=vp8")
        try await receiver.reach("first_frame", of: "default")
        return (phone, receiver)
    }

    @Test func `it measures a round trip at least each 3 s`() async throws {
        let (phone, receiver) = try await FeedbackTests.streaming(over: try await Network())
        let longest: Double = try await phone.evaluate(
            """
            (async () => {
              \(FeedbackTests.reading)
              let [count, longest, last] = [0, 0, performance.now()];
              for (const end = last + 15_000; performance.now() < end; await pass(0.1)) {
                const { roundTripTimeMeasurements } = await read();
                longest = Math.max(longest, performance.now() - last);
                if (roundTripTimeMeasurements > count) [count, last] = [roundTripTimeMeasurements, performance.now()];
              }
              return longest / 1000;
            })()
            """)
        #expect(longest <= 3, "\(longest) s without one")
        withExtendedLifetime(receiver) {}
    }

    @Test(arguments: [(5, 3.0...7), (50, 35...65)])
    func `it knows how much is lost`(percent: Int, told: ClosedRange<Double>) async throws {
        let network = try await Network()
        let (phone, receiver) = try await FeedbackTests.streaming(over: network)
        try await network.lose(percent)
        let lost: Double = try await phone.evaluate(
            """
            (async () => {
              \(FeedbackTests.reading)
              const before = await read();
              // Not so long that a stream with half of its packets could be given up.
              await pass(7);
              const last = await read();
              let after = last;
              for (; after.timestamp === last.timestamp; await pass(0.1)) after = await read();
              const grown = (name) => (after[name] ?? 0) - (before[name] ?? 0);
              return 100 * grown("packetsLost") / (grown("packetsSent") - grown("retransmittedPacketsSent"));
            })()
            """)
        #expect(told.contains(lost), "\(lost) %, it was told")
        withExtendedLifetime(receiver) {}
    }

    @Test func `it is asked for nothing again after pauses on a path that loses nothing`() async throws {
        let (phone, receiver) = try await FeedbackTests.streaming(over: try await Network())
        let asked: Int = try await phone.evaluate(
            """
            (async () => {
              \(FeedbackTests.reading)
              const sender = peer.getSenders().find(({ track }) => track?.kind === "video");
              const { track } = sender;
              for (let pause = 0; pause < 3; pause++) {
                await pass(2);
                await sender.replaceTrack(null);
                await pass(1.5);
                await sender.replaceTrack(track);
              }
              await pass(2);
              return (await read()).nackCount;
            })()
            """)
        #expect(asked == 0)
        withExtendedLifetime(receiver) {}
    }
}

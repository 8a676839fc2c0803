// SPDX-License-Identifier: Apache-2.0

import Signaling
import Telemetry
import Testing

@testable import framewatch

struct JoinedRelayTests {
    @Test(
        arguments: [
            ("ws://127.0.0.1:8080", .own, "/viewer", "ws://127.0.0.1:8080"),
            ("ws://localhost", .own, "/viewer", "ws://localhost"),
            ("ws://[::1]:8080", .open, "/viewer", "ws://[::1]:8080"),
            ("wss://far/base/", .given(Secret("given-token")), "/base/viewer?token=given-token", "wss://far/base"),
            ("ws://far?token=theirs", .given(Secret("given-token")), "/viewer?token=theirs", "ws://far"),
            ("ws://far/t/theirs", .given(Secret("given-token")), "/t/theirs/viewer", "ws://far/t/…/"),
            ("ws://far/t/theirs/viewer", .own, "/t/theirs/viewer", "ws://far/t/…/viewer"),
        ] as [(String, Configuration.Token, String, String)])
    func `a relay is shown the token that was meant for it, and the log none`(
        url: String, token: Configuration.Token, target: String, shown: String
    ) throws {
        let relay = try #require(JoinedRelay(Secret(url), token: token))
        #expect(relay.address(of: RelayAddress(.viewer, of: .default)).target == target)
        #expect(relay.publicURL == shown)
    }
}

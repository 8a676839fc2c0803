// SPDX-License-Identifier: Apache-2.0

import Host
import Telemetry
import Testing

@testable import framewatch

@Suite("The invitation to the camera page")
struct InvitationTests {
    static let addresses = [
        NetworkAddress("127.0.0.1", of: "lo"), NetworkAddress("192.168.1.5", of: "eth0"),
        NetworkAddress("fd00::2", of: "eth0"), NetworkAddress("10.0.0.7", of: "wlan0"),
        NetworkAddress("172.17.0.1", of: "docker0"),
    ]

    @Test(arguments: [
        ("0.0.0.0", ["https://192.168.1.5:8443/camera", "https://10.0.0.7:8443/camera"]),
        (
            "::",
            [
                "https://192.168.1.5:8443/camera", "https://[fd00::2]:8443/camera", "https://10.0.0.7:8443/camera",
            ]
        ),
        ("192.168.1.5", ["https://192.168.1.5:8443/camera"]),
        ("fd00::2", ["https://[fd00::2]:8443/camera"]),
        ("127.0.0.1", ["https://127.0.0.1:8443/camera"]),
    ])
    func `each address that a phone could dial, as far as we listen there`(bind: String, expected: [String]) {
        let invitation = Invitation(bind: bind, port: 8443, token: nil, addresses: InvitationTests.addresses)
        #expect(invitation.urls == expected)
    }

    @Test func `before there is a network, the host's name`() {
        let invitation = Invitation(bind: "0.0.0.0", port: 8443, token: nil, addresses: [])
        #expect(invitation.urls == ["https://\(Host.name):8443/camera"])
    }

    @Test func `the token is in what is shown, and not in what is logged`() {
        let invitation = Invitation(bind: "10.0.0.7", port: 8443, token: Secret("a-token-to-see"))
        #expect(invitation.lines.contains("https://10.0.0.7:8443/camera?token=a-token-to-see"))
        #expect(invitation.urls == ["https://10.0.0.7:8443/camera"])
        #expect(!"\(invitation)".contains("a-token-to-see"))
        let open = Invitation(bind: "10.0.0.7", port: 8443, token: nil)
        #expect(open.lines.contains("https://10.0.0.7:8443/camera"))
    }
}

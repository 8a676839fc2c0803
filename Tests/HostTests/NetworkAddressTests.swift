// SPDX-License-Identifier: Apache-2.0

import Host
import Testing

@Suite("This machine's addresses")
struct NetworkAddressTests {
    @Test func `loopback is always among them, and for nobody else`() {
        let loopback = Host.addresses.first { $0.text == "127.0.0.1" }
        #expect(loopback?.interface == "lo")
        #expect(loopback?.isForOthers == false)
    }

    @Test(arguments: [
        ("192.168.1.5", "eth0"), ("10.0.0.5", "wlp3s0"), ("100.64.0.7", "tailscale0"), ("192.168.1.5", "br0"),
        ("fd00::2", "eth0"), ("2001:db8::fe80", "eth0"),
    ])
    func `those of the network are for others`(text: String, interface: String) {
        #expect(NetworkAddress(text, of: interface).isForOthers)
    }

    @Test(arguments: [
        ("127.0.0.1", "lo"), ("::1", "lo"), ("169.254.7.7", "eth0"), ("fe80::1", "eth0"), ("fe80::1%eth0", "eth0"),
        ("172.17.0.1", "docker0"), ("172.18.0.1", "br-0242ac120001"), ("192.168.122.1", "virbr0"),
        ("10.88.0.1", "podman0"), ("10.0.3.1", "lxcbr0"), ("fd00::2", "veth12ab"),
    ])
    func `those of this host, of one link, and of containers are not`(text: String, interface: String) {
        #expect(!NetworkAddress(text, of: interface).isForOthers)
    }
}

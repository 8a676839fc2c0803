// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Signaling

struct ICECandidateTests {
    @Test func `a libwebrtc candidate is read in all its parts`() throws {
        let line =
            "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.1 rport 46154 generation 0 ufrag EEtu network-id 3"
        let candidate = try ICECandidate(parsing: "a=" + line)
        #expect(candidate.address == "203.0.113.7")
        #expect(candidate.ufrag == "EEtu")
        #expect(candidate.line == line)
    }

    @Test(arguments: [
        "candidate:1 1 UDP 2130706431 2001:db8::1 5000 typ host",
        "candidate:1 1 TCP 1518280447 192.168.1.2 9 typ host tcptype active generation 0",
        "candidate:7f3a/+ 2 udp 1 ::ffff:10.0.0.1 65535 typ relay raddr 0.0.0.0 rport 0",
        "candidate:1 1 udp 4294967295 fe80::1 1 typ prflx",
        "candidate:1 1 udp 5 10.0.0.1 5000 typ host ufrag",
    ])
    func `candidates of every kind are taken`(line: String) throws {
        #expect(try ICECandidate(parsing: line).line == line)
    }

    @Test func `spaces at the end are cut off`() throws {
        let line = "candidate:1 1 udp 5 10.0.0.1 5000 typ host"
        #expect(try ICECandidate(parsing: line + "  ").line == line)
    }

    @Test(
        arguments: [
            ("candidate:1 1 udp 5 6c2f0f9e.local 5000 typ host", .localName),
            ("candidate:1 1 udp 5 6c2f0f9e.LOCAL 5000 typ host", .localName),
            ("candidate:1 1 udp 5 6c2f0f9e.local. 5000 typ host", .localName),
            ("candidate:1 1 bogus 5 6c2f0f9e.local 5000 typ host", .localName),
            ("candidate:1 1 udp 5 10.0.0.1 5000 typ srflx raddr a.local rport 1", .localName),
            ("candidate:1 1 udp 5 camera.example.com 5000 typ host", .hostName),
            ("candidate:1 1 udp 5 fe80::1%eth0 5000 typ host", .hostName),
            ("candidate:1 1 udp 5 999.0.0.1 5000 typ host", .hostName),
        ] as [(String, ICECandidate.Flaw)])
    func `a name is told from an address, and an mDNS name before all`(line: String, flaw: ICECandidate.Flaw) {
        #expect(throws: flaw) { try ICECandidate(parsing: line) }
    }

    @Test(arguments: [
        "", " ", "candidate", "candidate:", "a=", "1 1 udp 5 10.0.0.1 5000 typ host",
        "candidate:1 1 udp 5 10.0.0.1 5000 typ",
        "candidate: 1 udp 5 10.0.0.1 5000 typ host",
        "candidate:1  1 udp 5 10.0.0.1 5000 typ host",
        "candidate:1 0 udp 5 10.0.0.1 5000 typ host",
        "candidate:1 3 udp 5 10.0.0.1 5000 typ host",
        "candidate:1 257 udp 5 10.0.0.1 5000 typ host",
        "candidate:1 1 sctp 5 10.0.0.1 5000 typ host",
        "candidate:1 1 udp -5 10.0.0.1 5000 typ host",
        "candidate:1 1 udp 4294967296 10.0.0.1 5000 typ host",
        "candidate:1 1 udp 5 10.0.0.1 0 typ host",
        "candidate:1 1 udp 5 10.0.0.1 65536 typ host",
        "candidate:1 1 udp 5 10.0.0.1 5000 type host",
        "candidate:1 1 udp 5 10.0.0.1 5000 typ guest",
        "candidate:1 1 udp 5 10.0.0.1 5000 typ host\na=candidate:1 1 udp 5 x.local 5000 typ host",
        "candidate:1 1 udp 5 10.0.0.1 5000 typ host \u{0}",
        "candidate:\u{301}1 1 udp 5 10.0.0.1 5000 typ host",
        "candidate:123456789012345678901234567890123 1 udp 5 10.0.0.1 5000 typ host",
        "candidate:1 1 udp 5 10.0.0.1 5000 typ host " + String(repeating: "x", count: 1_024),
    ])
    func `what is malformed is refused`(line: String) {
        #expect(throws: ICECandidate.Flaw.malformed) { try ICECandidate(parsing: line) }
    }
}

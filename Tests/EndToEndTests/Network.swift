// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A network of a test's own: a workstation, a phone, and the cable between them.
struct Network {
    static let workstationAddress = "10.77.0.1"
    static let phoneAddress = "10.77.0.2"

    let workstation: Place
    let phone: Place

    init() async throws {
        workstation = try await Place()
        phone = try await Place(beside: workstation)
        try await workstation.connect(to: phone, at: Network.phoneAddress, from: Network.workstationAddress)
    }

    /// Whether this machine lets us make one.
    static func isPossible() async -> Bool {
        do {
            try await Network().cut(for: 0).end()
            return true
        } catch {
            print("no network of our own for tests: \(error)")
            return false
        }
    }

    /// Nothing gets through from now on and for so many seconds. It is lost where it arrives: who sends hears nothing.
    func cut(for seconds: Int) throws -> Outage {
        let commands = [
            "nft 'add table inet cut'",
            "nft 'add chain inet cut arriving { type filter hook input priority 0; policy drop; }'",
            "sleep \(seconds)", "nft 'delete table inet cut'",
        ]
        return Outage(cuts: [try workstation.start(commands), try phone.start(commands)])
    }

    /// From now on so many of a hundred of the phone's datagrams are lost where they arrive.
    func lose(_ percent: Int) async throws {
        try await workstation.run([
            "nft 'add table inet loss'",
            "nft 'add chain inet loss arriving { type filter hook input priority 0; }'",
            "nft 'add rule inet loss arriving meta l4proto udp numgen random mod 100 < \(percent) drop'",
        ])
    }

    /// From now on no datagram gets through to or from these ports of the phone's.
    func block(_ ports: [Int]) async throws {
        try await workstation.drop("udp sport \(ports.asSet)")
        try await phone.drop("udp dport \(ports.asSet)")
    }

    struct Outage {
        fileprivate let cuts: [Program]

        func end() async throws {
            for cut in cuts { try await cut.succeed() }
        }
    }
}

/// Two networks, and between them a gateway that passes on TCP and no UDP.
struct GuardedNetwork {
    static let workstationAddress = "10.77.0.1"
    /// Of the gateway, as the workstation sees it.
    static let nearAddress = "10.77.0.254"
    /// Of the gateway, as the phone sees it.
    static let farAddress = "10.78.0.254"
    static let phoneAddress = "10.78.0.2"

    let workstation: Place
    let gateway: Place
    let phone: Place

    init() async throws {
        workstation = try await Place()
        gateway = try await Place(beside: workstation)
        phone = try await Place(beside: workstation)
        try await workstation.connect(
            to: gateway, at: GuardedNetwork.nearAddress, from: GuardedNetwork.workstationAddress)
        try await gateway.connect(to: phone, at: GuardedNetwork.phoneAddress, from: GuardedNetwork.farAddress)
        try await workstation.run(["ip route add 10.78.0.0/24 via \(GuardedNetwork.nearAddress)"])
        try await phone.run(["ip route add 10.77.0.0/24 via \(GuardedNetwork.farAddress)"])
        try await gateway.run([
            "echo 1 > /proc/sys/net/ipv4/ip_forward", "nft 'add table inet guard'",
            "nft 'add chain inet guard passing { type filter hook forward priority 0; }'",
            "nft 'add rule inet guard passing meta l4proto udp drop'",
        ])
    }

    /// From now on no datagram gets through to or from these ports of the phone's.
    func block(_ ports: [Int]) async throws {
        try await gateway.drop("udp sport \(ports.asSet)")
        try await phone.drop("udp dport \(ports.asSet)")
    }
}

/// A network namespace. It has no name: it lasts as long as somebody is in it.
///
/// The shell that holds it ends all who are in it once its input ends, be it that the test process was killed.
final class Place {
    private static let holding = """
        echo held
        read -r end
        mine=$(readlink /proc/$$/ns/net)
        for process in /proc/[0-9]*; do
            [ "$process" = /proc/$$ ] || [ "$(readlink $process/ns/net)" != "$mine" ] || kill -9 ${process#/proc/}
        done
        """

    private let holder: Program

    /// `other` shares its user namespace, so that one cable may lead to both.
    fileprivate init(beside other: Place? = nil) async throws {
        // Whoever is not root is root in a user namespace of his own.
        let user = other == nil && !Place.isRoot ? ["--user", "--map-root-user"] : []
        holder = try Program.tool(
            (other?.entrance(to: .user) ?? []) + ["unshare", "--net"] + user + ["sh", "-c", Place.holding])
        try await holder.line(with: "held")
    }

    private static var isRoot: Bool { geteuid() == 0 }

    enum Rooms { case user, all }

    /// The words before a command that runs it here.
    func entrance(to rooms: Rooms = .all) -> [String] {
        ["nsenter", "--target", "\(processIdentifier)"]
            + (Place.isRoot ? [] : ["--user", "--preserve-credentials"])
            + (rooms == .all ? ["--net"] : [])
    }

    fileprivate var processIdentifier: Int32 { holder.process.processIdentifier }

    fileprivate func start(_ commands: [String]) throws -> Program {
        try Program.tool(["sh", "-ec", commands.joined(separator: "\n")], in: self)
    }

    fileprivate func run(_ commands: [String]) async throws {
        try await start(commands).succeed()
    }

    /// Whatever arrives here and is like this is lost.
    fileprivate func drop(_ match: String) async throws {
        try await run([
            "nft 'add table inet dropping'",
            "nft 'add chain inet dropping arriving { type filter hook input priority 0; }'",
            "nft 'add rule inet dropping arriving \(match) drop'",
        ])
    }

    /// Lays a cable to `other`, which has this address at its end of it; ours is `own`.
    fileprivate func connect(to other: Place, at address: String, from own: String) async throws {
        // Each place has a cable towards the workstation at most.
        try await run(["ip link add outward type veth peer name inward netns \(other.processIdentifier)"])
        try await plug(in: "outward", own)
        try await other.plug(in: "inward", address)
        for (place, end) in [(self, "outward"), (other, "inward")] {
            try await place.run(["until ip link show \(end) | grep -q 'state UP'; do sleep 0.02; done"])
        }
    }

    private func plug(in end: String, _ address: String) async throws {
        try await run([
            // ICE gathers at once: no address may still be tentative then.
            "echo 0 > /proc/sys/net/ipv6/conf/\(end)/accept_dad", "ip address add \(address)/24 dev \(end)",
            "ip link set lo up", "ip link set \(end) up",
        ])
    }
}

extension [Int] {
    /// As nft wants it.
    fileprivate var asSet: String { "{ \(map(String.init).joined(separator: ", ")) }" }
}

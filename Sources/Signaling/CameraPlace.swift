// SPDX-License-Identifier: Apache-2.0

/// The cameras' sockets of one name, and which of them has the phone's place.
///
/// Whatever speaks as a phone is one: it offers, trickles, or sends a status. The newest has the place, since a phone
/// dials again before its old socket is known to be dead; the others are displaced. A camera that only sends pictures
/// takes no place.
struct CameraPlace: Sendable {
    private struct Socket: Sendable {
        let id: PeerID
        var isPhone = false
    }

    /// One phone has the place, and the other does not.
    struct Displacement: Equatable, Sendable {
        let displaced: PeerID
        let phone: PeerID
    }

    /// The newest last.
    private var sockets: [Socket] = []

    var isEmpty: Bool { sockets.isEmpty }

    /// The phone that has the place.
    var phone: PeerID? { sockets.last(where: \.isPhone)?.id }

    var hasDisplaced: Bool { sockets.count(where: \.isPhone) > 1 }

    func isDisplaced(_ id: PeerID) -> Bool { id != phone && sockets.contains { $0.id == id && $0.isPhone } }

    /// Who gets commands: the phone or, while there is none, all that may turn out to be one.
    var commanded: [PeerID] { phone.map { [$0] } ?? sockets.map(\.id) }

    mutating func join(_ id: PeerID) { sockets.append(Socket(id: id)) }

    mutating func leave(_ id: PeerID) { sockets.removeAll { $0.id == id } }

    /// Takes it for a phone from now on; its first word may displace another, or find itself displaced.
    mutating func heardPhone(_ id: PeerID) -> Displacement? {
        guard let index = sockets.firstIndex(where: { $0.id == id && !$0.isPhone }) else { return nil }
        let former = phone
        sockets[index].isPhone = true
        guard let phone, let former else { return nil }
        return Displacement(displaced: phone == id ? former : id, phone: phone)
    }
}

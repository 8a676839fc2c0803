// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Signaling

struct PathRestartsTests {
    private var dice = Dice(seed: 1)

    @Test(
        arguments: [
            ("a new name", smallOffer(version: 3, ufrag: "new"), true),
            ("the same name", smallOffer(version: 3), false),
            ("the same version", smallOffer(version: 2, ufrag: "new"), false),
            ("another session", smallOffer(session: 2, version: 3, ufrag: "new"), false),
            ("another certificate", smallOffer(version: 3, ufrag: "new", digest: "FF" + aDigest.dropFirst(2)), false),
        ])
    func `an offer restarts ICE if it goes on with the connection under a new name`(
        what: String, offer: String, restarts: Bool
    ) throws {
        #expect(try negotiate(offer).restartsICE(after: negotiate(smallOffer(version: 2))) == restarts)
    }

    @Test mutating func `the first offer restarts nothing, and its answer has webrtcbin's own name`() throws {
        var restarts = PathRestarts()
        #expect(try exchange(1, "phone1", &restarts) == Exchange(restarts: false, name: "own"))
    }

    @Test mutating func `each restart has a fresh name, which later answers keep`() throws {
        var restarts = PathRestarts()
        var names = [try exchange(1, "phone1", &restarts).name]
        for round in 2...4 {
            let exchange = try exchange(round * 2, "phone\(round)", &restarts)
            #expect(exchange.restarts)
            #expect(try self.exchange(round * 2 + 1, "phone\(round)", &restarts) == Exchange(restarts: false, exchange))
            restarts.foundPath()
            names.append(exchange.name)
        }
        #expect(Set(names).count == 4)
    }

    @Test mutating func `a restart before the last one has found its path keeps the name`() throws {
        var restarts = PathRestarts()
        _ = try exchange(1, "phone1", &restarts)
        let first = try exchange(2, "phone2", &restarts)
        #expect(try exchange(3, "phone3", &restarts) == first)
        restarts.foundPath()
        #expect(try exchange(4, "phone4", &restarts).name != first.name)
    }

    @Test mutating func `a webrtcbin that takes another name by itself is left alone from then on`() throws {
        var restarts = PathRestarts()
        _ = try exchange(1, "phone1", &restarts)
        #expect(try exchange(2, "phone2", own: "own2", &restarts).name == "own2")
        restarts.foundPath()
        #expect(try exchange(3, "phone3", own: "own3", &restarts) == Exchange(restarts: false, name: "own3"))
    }

    @Test func `an answer that does not fit is none`() throws {
        var restarts = PathRestarts()
        for text in ["", "garbage", "v=0\r\n"] {
            let answer = restarts.answer(to: try negotiate(smallOffer()), made: text)
            #expect(answer == nil)
        }
    }

    @Test mutating func `name and password are replaced wherever they stand, and nothing else is`() throws {
        let credentials = ICECredentials(dice: &dice)
        let text = crlf(
            """
            v=0
            a=ice-ufrag:own
            a=ice-pwd:ownpassword
            a=ice-options:trickle
            m=audio 9 UDP/TLS/RTP/SAVPF 111
            a=ice-ufrag:own
            a=ice-pwd:ownpassword
            m=video 9 UDP/TLS/RTP/SAVPF 96
            a= ice-pwd:ownpassword
            a=ice-ufrag:own

            """)
        let expected = text.replacing("a= ", with: "a=").replacing("ownpassword", with: credentials.password)
            .replacing(":own", with: ":" + credentials.name)
        #expect(try SessionDescription(parsing: text).named(credentials).description == expected)
    }

    @Test mutating func `names and passwords are as long and as plain as ICE wants them, and never the same`() {
        let all = (1...100).map { _ in ICECredentials(dice: &dice) }
        for one in all {
            #expect(one.name.utf8.count >= 4 && one.password.utf8.count >= 22)
            let isPlain = { (it: Character) in it.isASCII && (it.isLetter || it.isNumber || it == "+" || it == "/") }
            #expect((one.name + one.password).allSatisfy(isPlain))
        }
        #expect(Set(all.map(\.name)).count == 100 && Set(all.map(\.password)).count == 100)
    }

    // MARK: - Parts

    private struct Exchange: Equatable {
        let restarts: Bool
        let name: String

        init(restarts: Bool, name: String) { (self.restarts, self.name) = (restarts, name) }
        init(restarts: Bool, _ other: Exchange) { (self.restarts, name) = (restarts, other.name) }
    }

    /// An offer and the answer to it, in which every name must be the same.
    private mutating func exchange(
        _ version: Int, _ name: String, own: String = "own", _ restarts: inout PathRestarts
    ) throws -> Exchange {
        let offer = try negotiate(smallOffer(version: version, ufrag: name))
        let mustRestart = restarts.take(offer, dice: &dice)
        let made = restarts.answer(to: offer, made: smallOffer(ufrag: own))
        let answer = try #require(made)
        let names = try SessionDescription(parsing: answer.remote).ufrags
        #expect(try SessionDescription(parsing: answer.local).ufrags == names && names.count == 1)
        return Exchange(restarts: mustRestart, name: names.first ?? "")
    }

    private func negotiate(_ text: String) throws -> Negotiation {
        try Negotiation(offered: text, preferring: [.h264, .vp8])
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The ICE restarts of one connection. webrtcbin takes no part in them (1.22): it answers with the name that it always
/// had, and goes on sending on the old path. So ICE is restarted behind its back, and its answers are corrected.
///
/// 1. An offer that goes on with the connection under another ICE name restarts ICE, before webrtcbin is handed it.
/// 2. The answer gives us a fresh name and password, and so does every later one: webrtcbin's own would switch the path.
/// 3. While a restart has found no path yet, the next one keeps them: the phone may take the answer to one offer for the
///    answer to the next.
/// 4. A webrtcbin that answers a restart with another name of its own does all of this by itself, and is left alone.
package struct PathRestarts: Equatable, Sendable {
    private var offer: Negotiation?
    /// Those in webrtcbin's newest answer.
    private var ownNames: Set<String> = []
    private var isNeeded = true
    /// What stands in for webrtcbin's.
    private var credentials: ICECredentials?
    private var isUnderWay = false

    package init() {}

    /// Takes in the next offer. Whether ICE is to be restarted before webrtcbin is handed that.
    package mutating func take(_ next: Negotiation, dice: inout some RandomNumberGenerator) -> Bool {
        defer { offer = next }
        guard isNeeded, let offer, next.restartsICE(after: offer) else { return false }
        if !isUnderWay { credentials = ICECredentials(dice: &dice) }
        isUnderWay = true
        return true
    }

    /// What becomes of webrtcbin's answer; `nil` if that does not fit the offer.
    package mutating func answer(to offer: Negotiation, made text: String) -> Negotiation.Answer? {
        guard let names = try? SessionDescription(parsing: text).ufrags else { return nil }
        if !ownNames.isEmpty && names.isDisjoint(with: ownNames) {
            isNeeded = false
            credentials = nil
        }
        ownNames = names
        return offer.answer(made: text, as: credentials)
    }

    /// ICE has chosen where to send.
    package mutating func foundPath() { isUnderWay = false }
}

/// What an end of an ICE session is called, and what proves that it is that end.
package struct ICECredentials: Equatable, Sendable {
    let name: String
    let password: String

    package init(dice: inout some RandomNumberGenerator) {
        name = ICECredentials.text(8, &dice)
        password = ICECredentials.text(24, &dice)
    }

    /// Each character takes six bits off the dice.
    private static func text(_ length: Int, _ dice: inout some RandomNumberGenerator) -> String {
        String((0..<length).map { _ in alphabet[.random(in: alphabet.indices, using: &dice)] })
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}

extension SessionDescription {
    /// The same with other credentials wherever there are some.
    package func named(_ credentials: ICECredentials) -> SessionDescription {
        var copy = self
        copy.session = session.map { $0.named(credentials) }
        for index in sections.indices {
            copy.sections[index].lines = sections[index].lines.map { $0.named(credentials) }
        }
        return copy
    }
}

extension SDPLine {
    fileprivate func named(_ credentials: ICECredentials) -> SDPLine {
        if value(of: "ice-ufrag") != nil { return SDPLine("a=ice-ufrag:" + credentials.name) }
        if value(of: "ice-pwd") != nil { return SDPLine("a=ice-pwd:" + credentials.password) }
        return self
    }
}

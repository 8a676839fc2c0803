// SPDX-License-Identifier: Apache-2.0

import Telemetry
import Testing

struct SecretTests {
    let secret = Secret("hunter2")

    @Test func `a secret is printed as an ellipsis in every way`() {
        struct Configuration {
            let token: Secret
            let spare: Secret?
        }
        let configuration = Configuration(token: secret, spare: secret)
        var printed = ""
        print(secret, secret as Any, [secret], ["token": secret], configuration, to: &printed)
        debugPrint(secret, configuration, to: &printed)
        dump(secret, to: &printed)
        dump([configuration], to: &printed)
        printed += "\(secret) \(String(describing: secret)) \(String(reflecting: configuration))"
        printed += "\(Mirror(reflecting: secret).children.map { "\($0)" }) \(Mirror(reflecting: secret))"
        #expect(!printed.contains("hunter"))
        #expect("\(secret)" == "…")
        #expect(String(reflecting: secret) == "…")
    }

    @Test func `a secret is told to the one who asks for it`() {
        #expect(secret.revealSecret() == "hunter2")
    }

    @Test(arguments: [
        ("hunter2", true), ("", false), ("hunter", false), ("hunter22", false), ("Hunter2", false), ("hunter3", false),
        ("2hunter", false), ("hunter2\0", false),
    ])
    func `a secret matches itself alone`(other: String, matches: Bool) {
        #expect(secret.matches(other) == matches)
    }

    @Test func `a secret is compared by its bytes`() {
        #expect(!Secret("\u{E9}").matches("e\u{301}"))
        #expect(Secret("\u{E9}").matches("\u{E9}"))
    }

    @Test func `an empty secret matches nothing`() {
        #expect(!Secret("").matches(""))
    }
}

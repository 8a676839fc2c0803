// SPDX-License-Identifier: Apache-2.0

import Testing
import Text

struct IPLiteralTests {
    @Test(arguments: [
        "0.0.0.0", "255.255.255.255", "::", "::1", "1::", "1::8", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8", "fe80::1c2a:3ff:fe4b:5d6e", "::ffff:192.0.2.1", "64:ff9b::192.0.2.33",
        "1:2:3:4:5:6:192.0.2.1", "ABCD:ef01::",
    ])
    func `addresses`(text: String) {
        #expect(IPLiteral.isAddress(text[...]))
    }

    @Test(arguments: [
        "", ".", ":", ":::", "1.2.3", "1.2.3.4.5", "1.2.3.", "1.2.3.256", "+1.2.3.4", "1.2.3.-4", "0001.2.3.4x",
        "1", "localhost", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "1::2::3", ":1::", "1:::2",
        "12345::", "g::1", "1.2.3.4::", "::1.2.3.4:1", "::+1", "01.2.3.4", "::1%eth0", "[::1]",
        "1:2:3:4:5:6:7:192.0.2.1",
    ])
    func `no addresses`(text: String) {
        #expect(!IPLiteral.isAddress(text[...]))
    }
}

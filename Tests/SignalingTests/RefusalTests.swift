// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Signaling

struct RefusalTests {
    @Test("the log gets few letters of what a peer wrote, and none that could forge a line")
    func legible() {
        let name = "H264\n14:50:00 [INFO] forged" + String(repeating: "é", count: 500)
        let refusal = SessionDescription.Refusal.noCodec(offered: Array(repeating: name, count: 100))
        #expect(refusal.description.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(refusal.description.utf8.count < 400)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Testing
import Text

struct NumberTests {
    @Test(
        arguments: [
            (0.4, 0), (0.5, 1), (-0.5, -1), (-1.4, -1), (1e15, 1_000_000_000_000_000), (0x1p52, nil), (-1e300, nil),
            (.nan, nil), (.infinity, nil),
        ] as [(Double, Int64?)])
    func `the nearest whole number is that of what can have a fraction`(number: Double, nearest: Int64?) {
        #expect(number.nearest == nearest)
    }

    @Test(arguments: [(1.26, 1.3), (-1.26, -1.3), (1e300, 1e300), (.infinity, .infinity)])
    func `a number is rounded where it has a fraction`(number: Double, rounded: Double) {
        #expect(number.rounded(toOneIn: 10) == rounded)
    }
}

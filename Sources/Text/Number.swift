// SPDX-License-Identifier: Apache-2.0

extension StringProtocol {
    /// Digits and nothing else: an integer's own initializer would take a sign.
    package func wholeNumber<Number: FixedWidthInteger>() -> Number? {
        utf8.allSatisfy(\.isDigit) ? Number(self) : nil
    }
}

extension UInt8 {
    package var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}

extension BinaryInteger {
    /// With zeros before it, where it has fewer digits.
    package func padded(to width: Int, radix: Int = 10) -> String {
        let digits = String(self, radix: radix)
        return String(repeating: "0", count: Swift.max(width - digits.count, 0)) + digits
    }
}

extension Double {
    /// `10` rather than `10.0`.
    package var plain: String { asInteger.map { String($0) } ?? "\(self)" }

    /// The same number, if it is whole. Like `rounded()`, `Int(exactly:)` is a call of the C library's mathematics, to
    /// which a pure module has no link.
    package var asInteger: Int? {
        guard magnitude <= 0x1p53, Double(Int(self)) == self else { return nil }
        return Int(self)
    }

    /// The nearest multiple of 1/`scale`; what has no fraction anyway, or is no number, stays.
    package func rounded(toOneIn scale: Double) -> Double {
        (self * scale).nearest.map { Double($0) / scale } ?? self
    }

    /// The nearest whole number, of one that can have a fraction: `nil` from 2^52 on, and for what is no number.
    package var nearest: Int64? { magnitude < 0x1p52 ? Int64(self + (self < 0 ? -0.5 : 0.5)) : nil }
}

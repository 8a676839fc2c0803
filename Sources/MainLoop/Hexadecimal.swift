// SPDX-License-Identifier: Apache-2.0

extension String {
    /// Hexadecimal digits as fingerprints are written: AB:CD:EF.
    package var inPairs: String {
        let digits = Array(uppercased())
        return stride(from: 0, to: digits.count, by: 2).map { String(digits[$0..<$0 + 2]) }.joined(separator: ":")
    }
}

// SPDX-License-Identifier: Apache-2.0

import CQREncode

/// An address that a phone reads from the screen.
package struct QRCode: Equatable, Sendable {
    /// Modules on each side.
    private let width: Int
    /// Row by row.
    private let isDark: [Bool]

    /// `nil` if the text does not fit: about 2,900 bytes do.
    package init?(_ text: String) {
        guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L) else { return nil }
        defer { QRcode_free(code) }
        let side = Int(code.pointee.width)
        width = side
        isDark = (0..<side * side).map { code.pointee.data[$0] & 1 == 1 }
    }

    /// The margin that the standard asks for.
    private static let quietZone = 4

    /// For a terminal, two rows of modules a line; black on white, whatever the terminal's own colours are.
    package var lines: [String] {
        let across = -QRCode.quietZone..<width + QRCode.quietZone
        return stride(from: across.lowerBound, to: across.upperBound, by: 2).map { row in
            let modules = across.map { column in
                switch (dark(row, column), dark(row + 1, column)) {
                case (true, true): "█"
                case (true, false): "▀"
                case (false, true): "▄"
                case (false, false): " "
                }
            }
            return "\u{1b}[30;107m\(modules.joined())\u{1b}[0m"
        }
    }

    private func dark(_ row: Int, _ column: Int) -> Bool {
        let inside = 0..<width
        return inside.contains(row) && inside.contains(column) && isDark[row * width + column]
    }
}

// SPDX-License-Identifier: Apache-2.0

extension StringProtocol {
    /// On one line and harmless to a terminal, whatever an outsider wrote.
    package var printable: String {
        unicodeScalars.map { $0.isUnprintable ? $0.escaped(asASCII: true) : String($0) }.joined()
    }

    /// As a string of JSON, on one line.
    package var quotedAsJSON: String {
        var quoted = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.isUnprintable:
                for unit in scalar.utf16 { quoted += "\\u" + unit.padded(to: 4, radix: 16) }
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension Unicode.Scalar {
    /// Whether a terminal, or a reader of lines, could take it for more than a character: controls, line separators,
    /// and the invisible formats that turn a text's direction around.
    fileprivate var isUnprintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

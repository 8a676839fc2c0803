// SPDX-License-Identifier: Apache-2.0

/// Writes one flat JSON object on one line.
struct JSONObject {
    private var members = ""

    var text: String { "{\(members)}" }

    mutating func add(_ name: String, _ value: Entry.Value) {
        if !members.isEmpty { members += "," }
        append(quoted: name)
        members += ":"
        switch value {
        case .text(let text): append(quoted: text.shortened)
        case .integer(let number): members += "\(number)"
        case .number(let number): append(number)
        }
    }

    private mutating func append(quoted text: String) {
        members += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": members += "\\\(scalar)"
            case _ where scalar.isUnprintable: for unit in scalar.utf16 { append(escaped: unit) }
            default: members.unicodeScalars.append(scalar)
            }
        }
        members += "\""
    }

    private mutating func append(escaped unit: UInt16) {
        members += "\\u" + unit.padded(to: 4, radix: 16)
    }

    /// Three decimals: what follows is noise. JSON has no word for what is not finite.
    private mutating func append(_ number: Double) {
        members += number.isFinite ? "\(number.rounded(toOneIn: 1000))" : "null"
    }
}

// SPDX-License-Identifier: Apache-2.0

import Text

extension StringProtocol {
    /// Without the white space at both ends.
    var trimmed: SubSequence {
        let start = drop(while: \.isWhitespace)
        return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? start
    }

    /// Printable, in quotation marks, and cut if it is long. What precedes an `@` is left out: it may be a password, in a
    /// flag that is not for one.
    var quoted: String {
        let longest = 60
        let shown = self[(lastIndex(of: "@") ?? startIndex)...]
        let (before, after) = (shown.count < count ? "…" : "", shown.count > longest ? "…" : "")
        return "\"\(before)\(shown.prefix(longest).printable)\(after)\""
    }

    /// Its words in lines of at most `width` characters.
    func wrapped(to width: Int) -> [String] {
        var lines: [String] = []
        for word in split(separator: " ") {
            if let line = lines.last, line.count + 1 + word.count <= width {
                lines[lines.count - 1] = line + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    /// How many letters must be inserted, dropped or changed to make it `other`.
    func editDistance(to other: String) -> Int {
        var distances = Array(0...other.count)
        for (row, letter) in enumerated() {
            var diagonal = row
            distances[0] = row + 1
            for (column, otherLetter) in other.enumerated() {
                let change = diagonal + (letter == otherLetter ? 0 : 1)
                diagonal = distances[column + 1]
                distances[column + 1] = Swift.min(change, diagonal + 1, distances[column] + 1)
            }
        }
        return distances[other.count]
    }
}

extension [String] {
    /// `a, b or c`
    var enumeration: String {
        count < 2 ? joined() : dropLast().joined(separator: ", ") + " or " + self[count - 1]
    }

    /// Suggests what `name` was probably meant to be; `prefix`, which all have, does not make them more alike.
    func suggestion(for name: String, after prefix: String = "", else otherwise: String) -> String {
        let rests = map { String($0.dropFirst(prefix.count)) }
        return rests.nearest(to: String(name.dropFirst(prefix.count))).map { "did you mean \(prefix)\($0)?" }
            ?? otherwise
    }

    private func nearest(to name: String) -> String? {
        // A long word of garbage would cost time and resemble nothing.
        guard name.count <= 40 else { return nil }
        let rated = map { (name: $0, distance: $0.editDistance(to: name)) }
        // Two neighbours that changed places are two changes.
        return rated.filter { $0.distance <= Swift.max(2, $0.name.count / 3) }.min { $0.distance < $1.distance }?.name
    }
}

extension UInt8 {
    var isAlphanumeric: Bool { isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
}

// SPDX-License-Identifier: Apache-2.0

import Text
import Timing

/// The text of a classic line.
///
/// Only its literal is taken as it is. Interpolated text may be an outsider's: it is kept on one line, made harmless to
/// terminals, and cut when it is long.
package struct Message: Equatable, Sendable, ExpressibleByStringInterpolation {
    package let text: String

    package init(stringLiteral text: String) { self.text = text }

    package init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 8 * interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) { text += literal }

        package mutating func appendInterpolation(_ outsiders: String) { text += outsiders.shortened.printable }

        package mutating func appendInterpolation(_ code: Code) { text += code.text }

        package mutating func appendInterpolation(_ number: some BinaryInteger) { text += "\(number)" }

        /// One decimal, as in `FPS: 30.0`.
        package mutating func appendInterpolation(_ number: Double) { text += "\(number.rounded(toOneIn: 10))" }

        /// Whole seconds, as in `No frames for 5s!`.
        package mutating func appendInterpolation(_ duration: Duration) { text += "\(duration.wholeSeconds)s" }
    }
}

extension String {
    /// How much of an outsider's text a line shows, in scalars: a character can have any number of them.
    static let longest = 500

    var shortened: String {
        let scalars = unicodeScalars
        guard let end = scalars.index(startIndex, offsetBy: String.longest, limitedBy: endIndex), end < endIndex else {
            return self
        }
        return String(scalars[..<end]) + "…"
    }
}

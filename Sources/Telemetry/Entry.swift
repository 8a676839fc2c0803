// SPDX-License-Identifier: Apache-2.0

import Text
import Timing

/// One event as all kinds of lines tell it.
package struct Entry: Sendable {
    package enum Value: Sendable {
        case text(String)
        case integer(Int)
        case number(Double)

        var word: String? {
            if case .text(let text) = self { text } else { nil }
        }

        /// Three decimals: what follows is noise. JSON has no word for what is not finite.
        var asJSON: String {
            switch self {
            case .text(let text): text.shortened.quotedAsJSON
            case .integer(let number): "\(number)"
            case .number(let number): number.isFinite ? "\(number.rounded(toOneIn: 1000))" : "null"
            }
        }

        static func code(_ code: Code) -> Value { .text(code.text) }
        static func seconds(_ duration: Duration) -> Value { .number(duration.inSeconds) }
    }

    package let level: Level
    /// What the event is called in JSON; it never changes.
    package let name: String
    /// What the classic line says.
    package let message: Message
    /// What JSON says beside the name.
    package let fields: KeyValuePairs<String, Value>

    init(_ level: Level, _ name: String, _ message: Message, _ fields: KeyValuePairs<String, Value> = [:]) {
        self.level = level
        self.name = name
        self.message = message
        self.fields = fields
    }
}

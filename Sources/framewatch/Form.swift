// SPDX-License-Identifier: Apache-2.0

import Telemetry
import Text

/// A value's text is not what its form allows.
struct NotAllowed: Error {}

/// How a value is written: its placeholder in the help, what is allowed, and how its text is read.
struct Form<Value>: Sendable {
    let placeholder: String
    /// Completes "it takes …".
    let allowed: String
    /// A secret's text is never shown, not even when it is wrong.
    var isSecret = false
    let read: @Sendable (String) throws(NotAllowed) -> Value

    /// The same texts, for another type.
    func map<Other>(_ transform: @escaping @Sendable (Value) -> Other) -> Form<Other> {
        Form<Other>(placeholder: placeholder, allowed: allowed, isSecret: isSecret) {
            [read] text throws(NotAllowed) in transform(try read(text))
        }
    }

    /// Also allows the empty text, which means that there is no value.
    func orNothing() -> Form<Value?> {
        Form<Value?>(placeholder: placeholder, allowed: allowed + ", or nothing", isSecret: isSecret) {
            [read] text throws(NotAllowed) in text.isEmpty ? nil : try read(text)
        }
    }

    /// One or more, with commas between them.
    func list() -> Form<[Value]> {
        Form<[Value]>(placeholder: "LIST", allowed: allowed + ", or several with commas between", isSecret: isSecret) {
            [read] text throws(NotAllowed) in
            var values: [Value] = []
            for element in text.split(separator: ",", omittingEmptySubsequences: false) {
                values.append(try read(String(element.trimmed)))
            }
            return values
        }
    }

    /// Also allows the empty text, which is the empty list.
    func orEmpty<Element>() -> Form where Value == [Element] { orNothing().map { $0 ?? [] } }

    /// Refuses lists that name something twice.
    func distinct<Element: Hashable & SendableMetatype>() -> Form where Value == [Element] {
        Form(placeholder: placeholder, allowed: allowed + ", each once", isSecret: isSecret) {
            [read] text throws(NotAllowed) in
            let values = try read(text)
            guard Set(values).count == values.count else { throw NotAllowed() }
            return values
        }
    }
}

extension Form where Value: CaseIterable & RawRepresentable<String> & SendableMetatype {
    /// One of the enum's raw values.
    static func choice(_ placeholder: String) -> Form {
        let names = Value.allCases.map(\.rawValue)
        return Form(placeholder: placeholder, allowed: names.enumeration) { text throws(NotAllowed) in
            guard let value = Value(rawValue: text) else { throw NotAllowed() }
            return value
        }
    }
}

extension Form where Value: FixedWidthInteger & Sendable {
    static func number(_ range: ClosedRange<Value>, of unit: String? = nil) -> Form {
        let allowed = "a whole number\(unit.map { " of " + $0 } ?? "") from \(range.lowerBound) to \(range.upperBound)"
        return Form(placeholder: unit?.uppercased() ?? "N", allowed: allowed) { text throws(NotAllowed) in
            guard let value: Value = text.wholeNumber(), range.contains(value) else { throw NotAllowed() }
            return value
        }
    }
}

extension Form where Value == UInt16 {
    static var port: Form {
        Form(placeholder: "PORT", allowed: "a port from 0 to 65535", read: number(0...65535).read)
    }
}

extension Form where Value == Duration {
    static func seconds(_ range: ClosedRange<Double>) -> Form {
        let allowed = "seconds from \(range.lowerBound.plain) to \(range.upperBound.plain)"
        return Form(placeholder: "SECONDS", allowed: allowed) { text throws(NotAllowed) in
            // `Double(text)` alone would take signs, exponents, hexadecimals and "nan".
            guard text.utf8.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: ".") }), !text.hasPrefix("."),
                !text.hasSuffix("."), let value = Double(text), range.contains(value),
                let milliseconds = (value * 1000).nearest
            else { throw NotAllowed() }
            return .milliseconds(milliseconds)
        }
    }
}

extension Form where Value == String {
    /// Any text that `isAllowed`, as it is.
    static func text(
        _ placeholder: String, _ allowed: String, where isAllowed: @escaping @Sendable (String) -> Bool
    ) -> Form {
        Form(placeholder: placeholder, allowed: allowed) { text throws(NotAllowed) in
            guard isAllowed(text) else { throw NotAllowed() }
            return text
        }
    }

    /// Hidden everywhere, even in error messages.
    func secret() -> Form<Secret> {
        var hidden = map(Secret.init)
        hidden.isSecret = true
        return hidden
    }

    static func path(of kind: String) -> Form {
        text(kind.uppercased(), "the path of a \(kind)") { !$0.isEmpty && !$0.contains("\0") }
    }

    /// A name that needs no quoting in a URL or a file's name.
    static func word(_ placeholder: String, _ lengths: ClosedRange<Int>, with marks: String) -> Form {
        let allowed = "\(lengths.lowerBound) to \(lengths.upperBound) characters out of A-Z, a-z, 0-9 and \(marks)"
        return text(placeholder, allowed) { text in
            lengths.contains(text.utf8.count) && text.utf8.allSatisfy { $0.isAlphanumeric || marks.utf8.contains($0) }
        }
    }
}

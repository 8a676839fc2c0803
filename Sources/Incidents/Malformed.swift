// SPDX-License-Identifier: Apache-2.0

import Text

/// Why a file is not what it should be.
package enum Malformed: Error, Equatable, CustomStringConvertible {
    case notJSON(String, offset: Int)
    case wrong(String)

    package var description: String {
        switch self {
        case .notJSON(let why, let offset): "it is no JSON: \(why) at byte \(offset)"
        case .wrong(let member): "its member \(member) is missing or wrong"
        }
    }
}

extension JSONValue {
    init(parsingFile text: String) throws(Malformed) {
        do { self = try JSONValue(parsing: text) } catch { throw .notJSON(error.reason, offset: error.offset) }
    }
}

/// An object's members, each of which has to be there and right.
struct Fields {
    private let members: [String: JSONValue]

    init(_ value: JSONValue) {
        if case .object(let members) = value { self.members = members } else { members = [:] }
    }

    subscript(name: String) -> JSONValue? { members[name] }

    func word(_ name: String) throws(Malformed) -> String {
        guard case .string(let text)? = members[name] else { throw .wrong(name) }
        return text
    }

    func number(_ name: String) throws(Malformed) -> Double {
        guard case .number(let number)? = members[name], number.isFinite else { throw .wrong(name) }
        return number
    }

    func count(_ name: String) throws(Malformed) -> Int {
        guard let count = try number(name).asInteger else { throw .wrong(name) }
        return count
    }

    /// A count that is not negative.
    func total(_ name: String) throws(Malformed) -> Int {
        let total = try count(name)
        guard total >= 0 else { throw .wrong(name) }
        return total
    }

    func object(_ name: String) throws(Malformed) -> [String: JSONValue] {
        guard case .object(let members)? = members[name] else { throw .wrong(name) }
        return members
    }

    func list<Element>(
        _ name: String, _ read: (Fields) throws(Malformed) -> Element
    ) throws(Malformed) -> [Element] {
        guard case .array(let values)? = members[name] else { throw .wrong(name) }
        var list: [Element] = []
        for value in values { list.append(try read(Fields(value))) }
        return list
    }
}

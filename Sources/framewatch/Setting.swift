// SPDX-License-Identifier: Apache-2.0

import Signaling
import Text

/// One thing that can be set, declared once for its flag, variable, line in the file, help and place.
struct Setting<Root>: Sendable {
    let key: String
    let placeholder: String
    let allowed: String
    let isSecret: Bool
    /// The default, as one would write it.
    let standard: String
    /// What a flag without a value means, if it may come without one.
    let bare: String?
    /// What it means, for the help and the file's comments.
    let sentence: String
    let store: @Sendable (_ text: String, inout Root) throws(NotAllowed) -> Void

    init<Value>(
        _ key: String, _ place: any WritableKeyPath<Root, Value> & Sendable, _ form: Form<Value>,
        default standard: String, bare: String? = nil,
        _ sentence: String
    ) {
        self.key = key
        self.standard = standard
        self.bare = bare
        self.sentence = sentence
        (placeholder, allowed, isSecret) = (form.placeholder, form.allowed, form.isSecret)
        store = { text, root throws(NotAllowed) in root[keyPath: place] = try form.read(text) }
    }

    /// The same setting of something that contains an `Inner`.
    init<Inner>(_ inner: Setting<Inner>, in place: any WritableKeyPath<Root, Inner> & Sendable) {
        (key, placeholder, allowed, isSecret) = (inner.key, inner.placeholder, inner.allowed, inner.isSecret)
        (standard, bare, sentence) = (inner.standard, inner.bare, inner.sentence)
        store = { text, root throws(NotAllowed) in try inner.store(text, &root[keyPath: place]) }
    }
}

/// Settings that are explained together.
struct Section<Root>: Sendable {
    let title: String
    let settings: [Setting<Root>]

    init(_ title: String, _ settings: [Setting<Root>]) {
        self.title = title
        self.settings = settings
    }

    init<Inner>(_ inner: Section<Inner>, in place: any WritableKeyPath<Root, Inner> & Sendable) {
        title = inner.title
        settings = inner.settings.map { Setting($0, in: place) }
    }
}

/// What was written for a key, and where.
struct Assignment: Equatable {
    let key: String
    let text: String
    let origin: Origin

    /// The key as it is written in its place.
    var name: String {
        switch origin {
        case .flag: "flag --\(key)"
        case .variable: "environment variable \(Origin.variable(of: key))"
        case .file(let path, let line, nil): "\(path.printable):\(line): \(key)"
        case .file(let path, let line, let camera?): "\(path.printable):\(line): [camera \(camera)] \(key)"
        }
    }
}

enum Origin: Equatable {
    case flag, variable
    case file(String, line: Int, of: CameraName? = nil)

    static let variablePrefix = "FRAMEWATCH_"

    static func variable(of key: String) -> String {
        variablePrefix + key.uppercased().replacing("-", with: "_")
    }
}

/// All settings of one thing.
struct Settings<Root: Sendable>: Sendable {
    /// What the defaults are parsed into.
    let blank: Root
    let sections: [Section<Root>]
    /// Flags that neither the help nor a file shows: for tests that something would be noticed.
    var unlisted: [Setting<Root>] = []

    var all: [Setting<Root>] { sections.flatMap(\.settings) }
    var keys: [String] { all.map(\.key) }

    subscript(key: String) -> Setting<Root>? { (all + unlisted).first { $0.key == key } }

    var defaults: Root {
        var root = blank
        for setting in all {
            do { try setting.store(setting.standard, &root) } catch { fatalError("\(setting.key) refuses its default") }
        }
        return root
    }

    /// What the assignments say, all of known keys; a later one beats an earlier one, but each has to be right.
    func values(from assignments: [Assignment]) throws(UsageError) -> Root {
        var root = defaults
        for assignment in assignments {
            guard let setting = self[assignment.key] else { fatalError("\(assignment.key) is not among the settings") }
            do { try setting.store(assignment.text, &root) } catch {
                let value = setting.isSecret ? nil : assignment.text
                throw .refused(name: assignment.name, value: value, allowed: setting.allowed)
            }
        }
        return root
    }
}

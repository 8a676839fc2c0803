// SPDX-License-Identifier: Apache-2.0

import Text

/// Which incidents to show, and how. As in `Configuration`, these values are blank.
struct IncidentsOptions: Equatable, Sendable {
    enum Output {
        case text, json
    }

    /// This machine's receiver's, for its state directory.
    var configuration = Configuration()
    /// `nil` is all.
    var camera: CameraName?
    /// The name or the number of one; `nil` lists them.
    var incident: String?
    var output = Output.text
}

extension IncidentsOptions {
    static let arguments = "[CAMERA [INCIDENT]]"

    static let flags = Settings(
        blank: IncidentsOptions(),
        sections: [
            Section(
                "Output",
                [
                    Setting(
                        "json", \.output, Form<Output>.yesOrNo(yes: .json, no: .text), default: "no", bare: "yes",
                        "Whether to print JSON: a line for each incident, or all that is known of one.")
                ]),
            Section(Section("State", state + Configuration.choosing.settings), in: \.configuration),
        ])

    private static let state = Configuration.keeping.settings.filter { $0.key == "state-dir" }

    init(words: ArraySlice<String>, surroundings: Surroundings) throws(UsageError) {
        let (names, rest) = IncidentsOptions.split(words)
        if names.count > 2 { throw .needlessWord(names[2], of: .incidents, allowed: IncidentsOptions.arguments) }
        let flags = try Command.incidents.flags(in: rest[...], of: IncidentsOptions.flags)
        self = try IncidentsOptions.flags.values(from: flags)
        configuration = try Configuration(flags: flags.filter { $0.key != "json" }, surroundings: surroundings)
        if let name = names.first {
            let form = Form.cameraName
            do { camera = try form.read(name) } catch {
                throw .refused(name: "CAMERA", value: name, allowed: form.allowed)
            }
        }
        incident = names.dropFirst().first
    }

    /// Flags with their values may stand before, between and behind the names.
    private static func split(_ words: ArraySlice<String>) -> (names: [String], flags: [String]) {
        var (names, others): ([String], [String]) = ([], [])
        for word in words {
            let takesIt = others.last.map { flags[String($0.dropFirst(2))]?.bare == nil && $0.isBareFlag } ?? false
            if word.hasPrefix("-") || takesIt { others.append(word) } else { names.append(word) }
        }
        return (names, others)
    }
}

extension String {
    fileprivate var isBareFlag: Bool { hasPrefix("--") && !contains("=") }
}

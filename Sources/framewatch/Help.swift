// SPDX-License-Identifier: Apache-2.0

/// The texts that are printed on request. They fit a terminal of 80 columns.
enum Help {
    private static let width = 80

    static var overview: String {
        let commands = Command.allCases.map { ($0.rawValue, $0.summary) }
        let flags = [
            ("--help", "this text, or after a command what that command takes"),
            ("--version", "the version"),
            ("--print-config", "a configuration file with every key, explained, at its default"),
        ]
        return """
            framewatch receives a phone's camera over WebRTC, notices within 10 seconds that
            its stream is dead, and gets it back.

            Usage: framewatch COMMAND [FLAGS]

            Commands:
            \(table(commands, column: 12))
            Flags:
            \(table(flags, column: 18))
            """
    }

    static func text(for command: Command) -> String {
        switch command {
        case .run: text(for: command, Configuration.runFlags) + "\n" + precedence
        case .relay: text(for: command, Configuration.relayFlags) + "\n" + precedence
        case .incidents:
            text(for: command, IncidentsOptions.flags, arguments: IncidentsOptions.arguments) + "\n" + example
        case .simulate: text(for: command, SimulationOptions.settings)
        case .camera: text(for: command, CameraOptions.flags)
        case .doctor: opening(for: command) + "\nIt comes with a later version.\n"
        }
    }

    private static func text<Root>(for command: Command, _ settings: Settings<Root>, arguments: String? = nil) -> String
    {
        let sections = settings.sections.map { section in
            let rows = section.settings.map { setting in
                let standard = setting.standard.isEmpty ? "" : " [\(setting.standard)]"
                return ("--\(setting.key) \(setting.value)", setting.sentence + standard)
            }
            return "\n\(section.title):\n\(table(rows, column: 28))"
        }
        let words = [command.rawValue, arguments, "[FLAGS]"].compactMap { $0 }.joined(separator: " ")
        let usage = "\nUsage: framewatch \(words)\n\nDefaults are in brackets.\n"
        return opening(for: command) + usage + sections.joined()
    }

    private static func opening(for command: Command) -> String {
        lines("framewatch \(command) \(command.summary).".wrapped(to: width))
    }

    private static var precedence: String {
        lines(
            """
            Each of these flags but --config is also a key of the configuration file \
            (stall-after = 10) and an environment variable (FRAMEWATCH_STALL_AFTER=10). \
            A flag beats the environment, which beats the file.
            """.wrapped(to: width))
    }

    private static var example: String {
        lines(
            """
            framewatch incidents lists them all, framewatch incidents door those of the camera \
            door, and framewatch incidents door 1 shows the latest of these with a plot of its \
            frame intervals. INCIDENT is a number of that list, or a name such as \
            20261120T135000.123Z, which is its file's in the state directory, in incidents/door.
            """.wrapped(to: width))
    }

    /// Names and, from `column` on, their texts; a name that is too long has a line to itself.
    private static func table(_ rows: [(name: String, text: String)], column: Int) -> String {
        let margin = String(repeating: " ", count: column)
        return rows.map { name, text in
            let name = "  " + name
            let explained = text.wrapped(to: width - column).map { margin + $0 }
            guard name.count < column, let first = explained.first else { return lines([name] + explained) }
            return lines([name + first.dropFirst(name.count)] + explained.dropFirst())
        }
        .joined()
    }

    /// A configuration file that changes nothing: each default is commented out.
    static var annotatedFile: String {
        let head = """
            # The configuration of framewatch, as `framewatch --print-config` prints it: a #
            # stands before each default. A flag (--stall-after 10) beats the environment
            # (FRAMEWATCH_STALL_AFTER=10), which beats this file.

            [framewatch]

            """
        let settings = Configuration.settings.all.map { setting in
            let comment = [setting.sentence, "Allowed: \(setting.allowed)."].flatMap { $0.wrapped(to: width - 2) }
            let standard = "\(setting.key) =" + (setting.standard.isEmpty ? "" : " " + setting.standard)
            return lines([""] + (comment + [standard]).map { "# " + $0 })
        }
        return head + settings.joined() + cameraSections
    }

    private static var cameraSections: String {
        let keys = CameraSettings.settings.keys.joined(separator: ", ")
        let comment = """
            Settings for one camera, under its name. These keys are allowed there: \(keys).
            """
        let example = ["[camera front-door]", "stall-after = 5"]
        return lines([""] + (comment.wrapped(to: width - 2) + example).map { "# " + $0 })
    }

    private static func lines(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
}

extension Setting {
    /// Its flag's value, in brackets if it may be left out.
    fileprivate var value: String { bare == nil ? placeholder : "[\(placeholder)]" }
}

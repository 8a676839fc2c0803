// SPDX-License-Identifier: Apache-2.0

import Host

/// What framewatch was called for, worked out from arguments, environment and file before anything is done.
enum Invocation: Equatable {
    case run(Configuration)
    case relay(Configuration)
    case camera(CameraOptions)
    case incidents(IncidentsOptions)
    case simulate(SimulationOptions)
    case unavailable(Command)
    case show(String)

    /// `words` are the arguments without the program's name.
    init(words: [String], surroundings: Surroundings) throws(UsageError) {
        guard let first = words.first else { throw .noCommand }
        switch first {
        case "--help", "-h": self = .show(Help.overview)
        case "help":
            // `framewatch help run` is `framewatch run --help`.
            self = try Invocation(words: words.dropFirst().prefix(1) + ["--help"], surroundings: surroundings)
        case "--version": self = .show("framewatch \(Framewatch.version)\n")
        case "--print-config": self = .show(Help.annotatedFile)
        default:
            guard !first.hasPrefix("-") else { throw .noCommand }
            guard let command = Command(rawValue: first) else { throw .unknownCommand(first) }
            self = try Invocation(command, words: words.dropFirst(), surroundings: surroundings)
        }
    }

    private init(_ command: Command, words: ArraySlice<String>, surroundings: Surroundings) throws(UsageError) {
        if words.contains("--help") || words.contains("-h") {
            self = .show(Help.text(for: command))
            return
        }
        switch command {
        case .run:
            let flags = try command.flags(in: words, of: Configuration.runFlags)
            self = .run(try Configuration(flags: flags, surroundings: surroundings))
        case .relay:
            let flags = try command.flags(in: words, of: Configuration.relayFlags)
            self = .relay(try Configuration(flags: flags, surroundings: surroundings))
        case .camera:
            let flags = try command.flags(in: words, of: CameraOptions.flags)
            self = .camera(try CameraOptions(flags: flags, surroundings: surroundings))
        case .incidents: self = .incidents(try IncidentsOptions(words: words, surroundings: surroundings))
        case .simulate:
            let flags = try command.flags(in: words, of: SimulationOptions.settings)
            self = .simulate(try SimulationOptions.settings.values(from: flags))
        case .doctor: self = .unavailable(command)
        }
    }
}

/// What a configuration depends on besides the arguments.
struct Surroundings {
    let environment: [String: String]
    let textOfFile: (_ path: String) throws(Host.ReadError) -> String

    /// A directory of the XDG base directory specification.
    func directory(_ variable: String, orInHome fallback: String) -> String? {
        // The specification wants relative ones ignored.
        if let path = environment[variable], path.hasPrefix("/") { return path }
        return environment["HOME"].flatMap { $0.isEmpty ? nil : "\($0)/\(fallback)" }
    }
}

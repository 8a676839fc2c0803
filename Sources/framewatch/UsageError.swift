// SPDX-License-Identifier: Apache-2.0

import Signaling
import Text

/// What is wrong with the words, the environment or the file; its description is the one line that people see.
enum UsageError: Error, Equatable {
    case noCommand
    case unknownCommand(String)
    case unknownFlag(String, of: Command, known: [String])
    /// A flag of `run` that this command has no use for.
    case foreignFlag(String, of: Command)
    case missingValue(flag: String, allowed: String)
    case needlessValue(flag: String)
    case repeatedFlag(String)
    /// A word where a flag is due.
    case extraWord(String, of: Command)
    /// One more than the command has a use for.
    case needlessWord(String, of: Command, allowed: String)
    /// A second word after a flag. It is not kept: it may be the rest of a secret.
    case extraValue(flag: String)
    case unknownVariable(String)
    case unreadable(path: String, why: String)
    case badLine(Int, path: String, why: String)
    /// A secret's value is not kept.
    case refused(name: String, value: String?, allowed: String)
    case warningAfterDeath(Assignment, stallAfter: Duration, of: CameraName?)
    case samePort(Assignment, as: String)
    case missingCompanion(Assignment, String)
    case noStateDirectory
}

extension UsageError: CustomStringConvertible {
    var description: String {
        switch self {
        case .noCommand: "the first word must be a command: \(Command.names.enumeration); framewatch --help tells more"
        case .unknownCommand(let word):
            "unknown command \(word.quoted); "
                + Command.names.suggestion(for: word, else: "framewatch --help lists them all")
        case .unknownFlag(let flag, let command, let known):
            "unknown flag \(flag.printable); "
                + known.suggestion(for: flag, else: "framewatch \(command) --help lists them all")
        case .foreignFlag(let flag, let command): "flag \(flag) is for run, not for \(command)"
        case .missingValue(let flag, let allowed): "flag \(flag) has no value; it takes \(allowed)"
        case .needlessValue(let flag): "flag \(flag) takes no value"
        case .repeatedFlag(let flag): "flag \(flag) is given twice"
        case .extraWord(let word, let command):
            "\(command) takes only flags, and \(word.quoted) is none"
        case .needlessWord(let word, let command, let allowed):
            "\(command) takes \(allowed) and flags, and \(word.quoted) is one word too many"
        case .extraValue(let flag): "flag \(flag) takes one value, and another word follows it"
        case .unknownVariable(let name):
            "unknown environment variable \(name.printable); "
                + Configuration.settings.keys.map(Origin.variable)
                .suggestion(
                    for: name, after: Origin.variablePrefix, else: "framewatch --print-config lists all keys")
        case .unreadable(let path, let why): "cannot read \(path.printable): \(why)"
        case .badLine(let line, let path, let why): "\(path.printable):\(line): \(why)"
        case .refused(let name, let value, let allowed):
            name + (value.map { " cannot be \($0.quoted)" } ?? " has a wrong value") + "; it takes \(allowed)"
        case .warningAfterDeath(let assignment, let stallAfter, let camera):
            "\(assignment.name) cannot be \(assignment.text.quoted); "
                + "it must not be above stall-after, which is \(stallAfter.inSeconds.plain)"
                + (camera.map { " for camera \($0)" } ?? "")
        case .samePort(let assignment, let other):
            "\(assignment.name) cannot be \(assignment.text.quoted); \(other) has that port already"
        case .missingCompanion(let assignment, let other): "\(assignment.name) is of no use without \(other)"
        case .noStateDirectory: "state-dir is not set, and neither XDG_STATE_HOME nor HOME says where it could be"
        }
    }
}

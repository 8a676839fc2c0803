// SPDX-License-Identifier: Apache-2.0

import Signaling
import Text

/// The file's text as assignments.
///
/// A strict key file: a line is empty, a `# comment`, `[framewatch]`, `[camera NAME]` or `key = value`, and a key comes
/// once in a group. ARCHITECTURE.md says why this is not GKeyFile.
struct ConfigurationFile {
    static let longest = 1 << 20

    let path: String
    let text: String

    init(path: String, text: String) {
        self.path = path
        // Windows editors begin a file with a byte order mark.
        self.text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
    }

    /// The named file, which must exist, or the first in the usual places, if any.
    init?(named name: String?, surroundings: Surroundings) throws(UsageError) {
        let own = surroundings.directory("XDG_CONFIG_HOME", orInHome: ".config").map {
            $0 + "/framewatch/framewatch.conf"
        }
        let usual = [own, "/etc/framewatch.conf"].compactMap(\.self)
        let named = name.flatMap { $0.isEmpty ? nil : $0 }
        for path in named.map({ [$0] }) ?? usual {
            do {
                self.init(path: path, text: try surroundings.textOfFile(path))
                return
            } catch {
                if error == .missing, path != named { continue }
                throw .unreadable(path: path, why: error.description)
            }
        }
        return nil
    }

    /// What holds for all, and what only for one camera.
    typealias Assignments = (general: [Assignment], byCamera: [CameraName: [Assignment]])

    func assignments() throws(UsageError) -> Assignments {
        if text.unicodeScalars.contains(where: {
            $0.properties.generalCategory == .control && !["\t", "\n", "\r"].contains($0)
        }) {
            throw .unreadable(path: path, why: "it is not text")
        }
        var group: Group?
        var lineOfKey: [Group: [String: Int]] = [:]
        var found: Assignments = ([], [:])
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (number, line) in zip(1..., lines.map(\.trimmed)) where !line.isEmpty && !line.hasPrefix("#") {
            if line.hasPrefix("[") {
                group = try self.group(line, number)
                continue
            }
            guard let group else { throw bad(number, "before this there must be the line [framewatch]") }
            let assignment = try assignment(line, number, in: group)
            if let first = lineOfKey[group, default: [:]].updateValue(number, forKey: assignment.key) {
                throw bad(number, "\(assignment.key) is already set in line \(first)")
            }
            switch group {
            case .general: found.general.append(assignment)
            case .camera(let name): found.byCamera[name, default: []].append(assignment)
            }
        }
        return found
    }

    private static let grammar =
        "this is neither key = value, nor a # comment, nor [framewatch], nor [camera NAME]"

    private enum Group: Hashable {
        case general
        case camera(CameraName)

        var keys: [String] {
            switch self {
            case .general: Configuration.settings.keys
            case .camera: CameraSettings.settings.keys
            }
        }

        var camera: CameraName? {
            if case .camera(let name) = self { name } else { nil }
        }
    }

    /// `[framewatch]` or `[camera NAME]`.
    private func group(_ line: Substring, _ number: Int) throws(UsageError) -> Group {
        let words = line.dropFirst().dropLast().split(whereSeparator: \.isWhitespace)
        switch (line.hasSuffix("]"), words.first, words.count) {
        case (true, "framewatch", 1): return .general
        case (true, "camera", 2...):
            guard words.count == 2, let name = CameraName(words[1]) else {
                throw bad(number, "a camera's name is 1 to 64 of A-Z a-z 0-9 . _ -")
            }
            return .camera(name)
        default: throw bad(number, ConfigurationFile.grammar)
        }
    }

    private func assignment(_ line: Substring, _ number: Int, in group: Group) throws(UsageError) -> Assignment {
        // The line is not shown: it may be a secret's.
        guard let equals = line.firstIndex(of: "=") else { throw bad(number, ConfigurationFile.grammar) }
        let key = String(line[..<equals].trimmed)
        guard group.keys.contains(key) else { throw bad(number, unknown(key, in: group)) }
        let text = String(line[equals...].dropFirst().trimmed)
        return Assignment(key: key, text: text, origin: .file(path, line: number, of: group.camera))
    }

    private func unknown(_ key: String, in group: Group) -> String {
        if let camera = group.camera, Configuration.settings.keys.contains(key) {
            return "\(key) is the same for all cameras: it belongs under [framewatch], not under [camera \(camera)]"
        }
        let hint = group.keys.suggestion(for: key, else: "framewatch --print-config lists all keys")
        return "unknown key \(key.quoted); \(hint)"
    }

    private func bad(_ line: Int, _ why: String) -> UsageError { .badLine(line, path: path, why: why) }
}

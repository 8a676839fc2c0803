// SPDX-License-Identifier: Apache-2.0

/// The file's text as assignments.
///
/// It is a key file such as GLib's, but strictly: a line is empty, a `# comment`, `[framewatch]` or `key = value`, and
/// a key comes once. GLib's own reader knows no line numbers, takes a key's last value in silence, reads no further
/// than a NUL byte, and quotes the line that it does not understand, secret or not.
struct ConfigurationFile {
    static let longest = 1 << 20

    let path: String
    let text: String

    init(path: String, text: String) {
        self.path = path
        // Editors of Windows begin a file with a mark of its byte order.
        self.text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
    }

    /// The named file, which must be there, or the one in its usual places, if there is any.
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

    func assignments() throws(UsageError) -> [Assignment] {
        if text.unicodeScalars.contains(where: { $0.isControl && !["\t", "\n", "\r"].contains($0) }) {
            throw .unreadable(path: path, why: "it is not text")
        }
        var isInGroup = false
        var lineOfKey: [String: Int] = [:]
        var found: [Assignment] = []
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (number, line) in zip(1..., lines.map(\.trimmed)) where !line.isEmpty && !line.hasPrefix("#") {
            if line == "[framewatch]" {
                isInGroup = true
                continue
            }
            guard isInGroup else { throw bad(number, "before this there must be the line [framewatch]") }
            let assignment = try assignment(line, number)
            if let first = lineOfKey.updateValue(number, forKey: assignment.key) {
                throw bad(number, "\(assignment.key) is already set in line \(first)")
            }
            found.append(assignment)
        }
        return found
    }

    private func assignment(_ line: Substring, _ number: Int) throws(UsageError) -> Assignment {
        // The line is not shown: it may be a secret's.
        guard let equals = line.firstIndex(of: "="), !line.hasPrefix("[") else {
            throw bad(number, "this is neither key = value, nor a # comment, nor [framewatch]")
        }
        let key = String(line[..<equals].trimmed)
        let keys = Configuration.settings.keys
        guard keys.contains(key) else {
            let hint = keys.suggestion(for: key, else: "framewatch --print-config lists all keys")
            throw bad(number, "unknown key \(key.quoted); \(hint)")
        }
        let text = String(line[equals...].dropFirst().trimmed)
        return Assignment(key: key, text: text, origin: .file(path, line: number))
    }

    private func bad(_ line: Int, _ why: String) -> UsageError { .badLine(line, path: path, why: why) }
}

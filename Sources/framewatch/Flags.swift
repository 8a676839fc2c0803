// SPDX-License-Identifier: Apache-2.0

extension Command {
    /// Reads `--key value` and `--key=value`.
    ///
    /// A flag may not come twice: several values are a list, and a second `--camera` would lose the first.
    func flags<Root>(in words: ArraySlice<String>, of settings: Settings<Root>) throws(UsageError) -> [Assignment] {
        var words = words
        var found: [Assignment] = []
        while let word = words.popFirst() {
            guard word.hasPrefix("-"), word.count > 1 else {
                throw found.last.map { .extraValue(flag: "--" + $0.key) } ?? .extraWord(word, of: self)
            }
            let flag = String(word.prefix { $0 != "=" })
            let key = String(flag.dropFirst(2))
            guard flag.hasPrefix("--"), let setting = settings[key] else {
                throw unknown(flag, among: settings.keys)
            }
            if found.contains(where: { $0.key == key }) { throw .repeatedFlag(flag) }
            var text = String(word.dropFirst(flag.count + 1))
            if flag == word {
                if let next = words.first, !next.hasPrefix("--") {
                    text = next
                    words.removeFirst()
                } else if let bare = setting.bare {
                    text = bare
                } else {
                    throw .missingValue(flag: flag, allowed: setting.allowed)
                }
            }
            found.append(Assignment(key: key, text: text, origin: .flag))
        }
        return found
    }

    private func unknown(_ flag: String, among keys: [String]) -> UsageError {
        if ["--help", "-h"].contains(flag) { return .needlessValue(flag: flag) }
        return Configuration.runFlags.keys.map { "--" + $0 }.contains(flag)
            ? .foreignFlag(flag, of: self) : .unknownFlag(flag, of: self, known: keys.map { "--" + $0 })
    }
}

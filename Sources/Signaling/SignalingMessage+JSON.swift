// SPDX-License-Identifier: Apache-2.0

import Text

extension SignalingMessage {
    /// How long a status, a command, a name or a reason may be, in bytes.
    static let longestWord = 1_024

    /// Reads a text that came over a socket.
    package init(parsing text: String, maxDepth: Int) throws(Refusal) {
        let json: JSONValue
        do throws(JSONValue.SyntaxError) { json = try JSONValue(parsing: text, maxDepth: maxDepth) } catch {
            throw error.isTooDeep ? .tooDeep : .notJSON
        }
        try self.init(json: json)
    }

    package init(json: JSONValue) throws(Refusal) {
        guard case .object(let members) = json else { throw .notAnObject }
        let fields = Fields(members)
        switch try fields.optionalWord("type") {
        case "offer": self = .offer(sdp: try fields.text("sdp"))
        case "answer": self = .answer(sdp: try fields.text("sdp"))
        case "ice": self = .ice(try TrickledCandidate(fields))
        case "status": self = .status(try fields.word("status"))
        case "camera_status": self = .cameraStatus(camera: try fields.identifier("cameraId"), try fields.word("status"))
        case "reconnect_request": self = .reconnectRequest(reason: try fields.optionalWord("reason") ?? "")
        case "hello":
            let session = try fields.word("session")
            if session.isEmpty { throw .missing(field: "session") }
            self = .hello(session: session)
        case "viewer_role":
            self = .viewerRole(try fields.word("role"), cameraPresent: try fields.flag("camera_present"))
        // The first generation looks at `command` whatever else is there.
        case let type?:
            guard members["command"] != nil else { throw .unknownType(type.legible) }
            self = .command(try fields.word("command"))
        case nil where members["command"] != nil: self = .command(try fields.word("command"))
        // Some phones say no more.
        case nil where members["status"] != nil: self = .status(try fields.word("status"))
        case nil: throw .missing(field: "type")
        }
    }

    package var json: JSONValue {
        switch self {
        case .offer(let sdp), .answer(let sdp): ["type": .string(type), "sdp": .string(sdp)]
        case .ice(let candidate): ["type": .string(type), "candidate": candidate.json]
        case .status(let status): ["type": .string(type), "status": .string(status.rawValue)]
        case .cameraStatus(let camera, let status):
            ["type": .string(type), "cameraId": .string(camera), "status": .string(status.rawValue)]
        case .reconnectRequest(let reason): ["type": .string(type), "reason": .string(reason)]
        case .command(let command): ["command": .string(command.rawValue)]
        case .hello(let session): ["type": .string(type), "session": .string(session)]
        case .viewerRole(let role, let cameraPresent):
            ["type": .string(type), "role": .string(role.rawValue), "camera_present": .bool(cameraPresent)]
        }
    }
}

extension TrickledCandidate {
    /// Takes every form seen in the field: an object, a plain string with its section beside it, null and "".
    fileprivate init(_ message: Fields) throws(SignalingMessage.Refusal) {
        var fields = message
        if case .object(let nested)? = message.members["candidate"] { fields = Fields(nested) }
        guard fields.members["candidate"] != nil else { throw .missing(field: "candidate") }
        let text = try fields.optionalText("candidate")
        candidate = text == "" ? nil : text
        sectionIndex = try fields.optionalIndex("sdpMLineIndex")
        mid = try fields.optionalWord("sdpMid")
    }

    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = ["candidate": .string(candidate ?? "")]
        if let sectionIndex { members["sdpMLineIndex"] = .number(Double(sectionIndex)) }
        if let mid { members["sdpMid"] = .string(mid) }
        return .object(members)
    }
}

/// An object's members, read by type or refused by name. Null counts as missing.
private struct Fields {
    typealias Refusal = SignalingMessage.Refusal

    let members: [String: JSONValue]

    init(_ members: [String: JSONValue]) { self.members = members }

    func optionalText(_ name: String) throws(Refusal) -> String? {
        switch members[name] {
        case nil, .null: return nil
        case .string(let text): return text
        case .bool, .number, .array, .object: throw .wrongType(field: name)
        }
    }

    func text(_ name: String) throws(Refusal) -> String { try required(name, try optionalText(name)) }

    func optionalWord(_ name: String) throws(Refusal) -> String? {
        let word = try optionalText(name)
        if let word, word.utf8.count > SignalingMessage.longestWord { throw .tooLong(field: name) }
        return word
    }

    func word(_ name: String) throws(Refusal) -> String { try required(name, try optionalWord(name)) }

    func word<Word: RawRepresentable<String>>(_ name: String) throws(Refusal) -> Word {
        guard let word = Word(rawValue: try word(name)) else { throw .wrongType(field: name) }
        return word
    }

    func flag(_ name: String) throws(Refusal) -> Bool {
        switch members[name] {
        case nil, .null: throw .missing(field: name)
        case .bool(let flag): return flag
        case .number, .string, .array, .object: throw .wrongType(field: name)
        }
    }

    func optionalIndex(_ name: String) throws(Refusal) -> Int? {
        switch members[name] {
        case nil, .null: return nil
        case .number(let number):
            guard let index = number.asInteger, (0...Int(UInt16.max)).contains(index) else {
                throw .wrongType(field: name)
            }
            return index
        case .bool, .string, .array, .object: throw .wrongType(field: name)
        }
    }

    /// A name that some relays write as a number.
    func identifier(_ name: String) throws(Refusal) -> String {
        if case .number(let number)? = members[name] {
            return number.plain
        }
        return try word(name)
    }

    private func required(_ name: String, _ value: String?) throws(Refusal) -> String {
        guard let value else { throw .missing(field: name) }
        return value
    }
}

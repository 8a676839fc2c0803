// SPDX-License-Identifier: Apache-2.0

import Testing
import Text

@testable import Signaling

struct SignalingMessageTests {
    private static let line = "candidate:842163049 1 udp 2122260223 192.168.1.23 50711 typ host"

    private static func ice(_ candidate: String?, _ index: Int? = nil, mid: String? = nil) -> SignalingMessage {
        .ice(TrickledCandidate(candidate: candidate, sectionIndex: index, mid: mid))
    }

    /// Every row of the protocol's table, and our own words.
    static let rows: [(JSONValue, SignalingMessage)] = [
        (["type": "offer", "sdp": "v=0"], .offer(sdp: "v=0")),
        (["type": "answer", "sdp": "v=0"], .answer(sdp: "v=0")),
        (
            ["type": "ice", "candidate": ["candidate": .string(line), "sdpMLineIndex": 0, "sdpMid": "0"]],
            ice(line, 0, mid: "0")
        ),
        (["type": "status", "status": "waiting"], .status(.waiting)),
        (["type": "status", "status": "dreaming"], .status(CameraStatus(rawValue: "dreaming"))),
        (
            ["type": "camera_status", "cameraId": "c1", "status": "interrupted"],
            .cameraStatus(camera: "c1", .interrupted)
        ),
        (
            ["type": "reconnect_request", "reason": "No frames for 10s"],
            .reconnectRequest(reason: "No frames for 10s")
        ),
        (["command": "start"], .command(.start)),
        (["command": "stop"], .command(.stop)),
        (["command": "reconnect"], .command(.reconnect)),
        (["command": "torch"], .command(Command(rawValue: "torch"))),
        (["type": "hello", "session": "s1"], .hello(session: "s1")),
        (
            ["type": "viewer_role", "role": "waiting", "camera_present": true],
            .viewerRole(.waiting, cameraPresent: true)
        ),
        (
            ["type": "viewer_role", "role": "holder", "camera_present": false],
            .viewerRole(.holder, cameraPresent: false)
        ),
    ]

    @Test(arguments: rows)
    func `every row of the table is read`(json: JSONValue, message: SignalingMessage) throws {
        #expect(try SignalingMessage(json: json) == message)
    }

    @Test(arguments: rows)
    func `every row of the table is written`(json: JSONValue, message: SignalingMessage) {
        #expect(message.json == json)
    }

    static let candidateForms: [(JSONValue, SignalingMessage)] = [
        (["type": "ice", "candidate": .string(line), "sdpMLineIndex": 1, "sdpMid": "1"], ice(line, 1, mid: "1")),
        (["type": "ice", "candidate": .string(line), "sdpMLineIndex": 1], ice(line, 1)),
        (["type": "ice", "candidate": .string(line)], ice(line)),
        (["type": "ice", "candidate": ["candidate": .string(line), "sdpMLineIndex": 0]], ice(line, 0)),
        (
            ["type": "ice", "candidate": ["candidate": .string(line), "sdpMLineIndex": 0, "sdpMid": nil]],
            ice(line, 0)
        ),
        (["type": "ice", "candidate": nil], ice(nil)),
        (["type": "ice", "candidate": ""], ice(nil)),
        (["type": "ice", "candidate": ["candidate": nil]], ice(nil)),
        (
            ["type": "ice", "candidate": ["candidate": "", "sdpMLineIndex": 0, "sdpMid": "0"]],
            ice(nil, 0, mid: "0")
        ),
    ]

    @Test(arguments: candidateForms)
    func `every form of a candidate seen in the field is taken`(json: JSONValue, message: SignalingMessage) throws {
        #expect(try SignalingMessage(json: json) == message)
    }

    static let lenientForms: [(JSONValue, SignalingMessage)] = [
        // It looks at `command` whatever else is there.
        (["type": "control", "command": "start", "by": "page"], .command(.start)),
        (["type": "reconnect_request"], .reconnectRequest(reason: "")),
        (
            ["type": "camera_status", "cameraId": 1_700_000_000_000, "status": "waiting"],
            .cameraStatus(camera: "1700000000000", .waiting)
        ),
        (["type": "offer", "sdp": "v=0", "extra": [1, ["deep": nil]]], .offer(sdp: "v=0")),
        (["type": nil, "command": "stop"], .command(.stop)),
        (["status": "recording", "timestamp": .number(1_795_183_711.25)], .status(.recording)),
        (["status": "recording", "command": "stop"], .command(.stop)),
    ]

    @Test(arguments: lenientForms)
    func `what the first generation takes is taken`(json: JSONValue, message: SignalingMessage) throws {
        #expect(try SignalingMessage(json: json) == message)
    }

    static let refusals: [(JSONValue, SignalingMessage.Refusal)] = [
        (nil, .notAnObject), (true, .notAnObject), (7, .notAnObject), ("offer", .notAnObject), ([], .notAnObject),
        ([:], .missing(field: "type")),
        (["type": nil], .missing(field: "type")),
        (["type": 1], .wrongType(field: "type")),
        (["type": 1, "command": "start"], .wrongType(field: "type")),
        (["type": "ping"], .unknownType("ping")),
        (["type": "x\n14:50:00 [INFO] forged\u{1B}"], .unknownType("x?14:50:00 [INFO] forged?")),
        (["type": .string(String(repeating: "a", count: 900))], .unknownType(String(repeating: "a", count: 40))),
        (["type": .string(String(repeating: "a", count: 2_000))], .tooLong(field: "type")),
        (["type": "offer"], .missing(field: "sdp")),
        (["type": "offer", "sdp": nil], .missing(field: "sdp")),
        (["type": "offer", "sdp": ["type": "offer", "sdp": "v=0"]], .wrongType(field: "sdp")),
        (["type": "answer", "sdp": 1], .wrongType(field: "sdp")),
        (["type": "ice"], .missing(field: "candidate")),
        (["type": "ice", "candidate": [:]], .missing(field: "candidate")),
        (["type": "ice", "candidate": 1], .wrongType(field: "candidate")),
        (["type": "ice", "candidate": []], .wrongType(field: "candidate")),
        (["type": "ice", "candidate": ["candidate": false]], .wrongType(field: "candidate")),
        (["type": "ice", "candidate": "c", "sdpMLineIndex": "0"], .wrongType(field: "sdpMLineIndex")),
        (["type": "ice", "candidate": "c", "sdpMLineIndex": .number(0.5)], .wrongType(field: "sdpMLineIndex")),
        (["type": "ice", "candidate": "c", "sdpMLineIndex": -1], .wrongType(field: "sdpMLineIndex")),
        (["type": "ice", "candidate": "c", "sdpMLineIndex": .number(1e300)], .wrongType(field: "sdpMLineIndex")),
        (["type": "ice", "candidate": "c", "sdpMLineIndex": .number(.nan)], .wrongType(field: "sdpMLineIndex")),
        (["type": "ice", "candidate": "c", "sdpMid": 0], .wrongType(field: "sdpMid")),
        (["type": "status"], .missing(field: "status")),
        (["type": "status", "status": 3], .wrongType(field: "status")),
        (["type": "status", "status": .string(String(repeating: "a", count: 2_000))], .tooLong(field: "status")),
        (["type": "camera_status", "status": "waiting"], .missing(field: "cameraId")),
        (["type": "camera_status", "cameraId": [], "status": "waiting"], .wrongType(field: "cameraId")),
        (["type": "reconnect_request", "reason": 10], .wrongType(field: "reason")),
        (["command": 1], .wrongType(field: "command")),
        (["command": nil], .missing(field: "command")),
        (["type": "hello"], .missing(field: "session")),
        (["type": "hello", "session": ""], .missing(field: "session")),
        (["type": "viewer_role", "role": "king", "camera_present": true], .wrongType(field: "role")),
        (["type": "viewer_role", "role": "holder"], .missing(field: "camera_present")),
        (["type": "viewer_role", "role": "holder", "camera_present": 1], .wrongType(field: "camera_present")),
    ]

    @Test(arguments: refusals)
    func `what is no message is refused by the name of the field`(json: JSONValue, refusal: SignalingMessage.Refusal) {
        #expect(throws: refusal) { try SignalingMessage(json: json) }
    }

    @Test(arguments: 0..<200)
    func `random JSON is read or refused, and what is read is written so that it reads the same`(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        for _ in 0..<50 {
            guard let message = try? SignalingMessage(json: randomMessage(&dice)) else { continue }
            #expect(try SignalingMessage(json: message.json) == message)
        }
    }

    private func randomMessage(_ dice: inout Dice) -> JSONValue {
        let names = ["type", "sdp", "candidate", "sdpMid", "sdpMLineIndex", "status", "cameraId", "reason", "command"]
        var members = Dictionary(
            names.filter { _ in Bool.random(using: &dice) }.map { ($0, randomValue(&dice, depth: 2)) },
            uniquingKeysWith: { first, _ in first })
        let types = SignalingMessageTests.rows.map(\.1.type)
        if Bool.random(using: &dice) { members["type"] = .string(types.randomElement(using: &dice) ?? "") }
        return .object(members)
    }

    private func randomValue(_ dice: inout Dice, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &dice) {
        case 0: return nil
        case 1: return .bool(Bool.random(using: &dice))
        case 2: return .number(Double(Int.random(in: -2...70_000, using: &dice)) / 2)
        case 3: return .string(["", "a", "start", "holder", "é\u{0}"].randomElement(using: &dice) ?? "")
        case 4: return .array([randomValue(&dice, depth: depth - 1)])
        default: return .object(["candidate": randomValue(&dice, depth: depth - 1)])
        }
    }
}

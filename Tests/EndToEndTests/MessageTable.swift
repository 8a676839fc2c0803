// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The protocol's messages in all their forms: what one side says, and what the other then hears.
enum MessageTable {
    struct Row {
        enum Side { case camera, viewer }
        enum Heard {
            case theSame, nothing
            case text(String)
            case cameraStatus(String)
        }

        let from: Side
        let says: String
        let heard: Heard

        init(_ from: Side, _ says: String, _ heard: Heard) {
            self.from = from
            self.says = says
            self.heard = heard
        }
    }

    /// One end of a relay, whoever plays it.
    struct Party {
        let say: nonisolated(nonsending) (String) async throws -> Void
        /// The next text that came.
        let hear: nonisolated(nonsending) () async throws -> String?
    }

    private static let candidate = "candidate:1 1 udp 1 10.0.0.1 9 typ host"
    private static let candidates = [
        #""candidate":{"candidate":"\#(candidate)","sdpMLineIndex":0,"sdpMid":"0"}"#,
        #""candidate":{"candidate":"\#(candidate)","sdpMLineIndex":0,"sdpMid":null}"#,
        #""candidate":{"candidate":"\#(candidate)","sdpMLineIndex":0}"#,
        #""candidate":"\#(candidate)","sdpMLineIndex":0"#,
        #""candidate":"\#(candidate)","sdpMLineIndex":0,"sdpMid":null"#,
        #""candidate":null"#, #""candidate":"""#,
    ]

    /// What is heard after it shows that what goes nowhere went nowhere.
    static let rows =
        [
            Row(.camera, #"{"type":"selfie","sdp":"v=0"}"#, .nothing), Row(.camera, "smile", .nothing),
            Row(.camera, #"{"type":"offer","sdp":"v=0 \u00e4"}"#, .theSame),
            Row(.viewer, #"{"type":"selfie","sdp":"v=0"}"#, .nothing), Row(.viewer, "smile", .nothing),
            Row(.viewer, #"{"sdp":"v=0","type":"answer"}"#, .theSame),
        ]
        + [Row.Side.camera, .viewer].flatMap { side in
            candidates.map { Row(side, #"{"type":"ice",\#($0)}"#, .theSame) }
        }
        + ["waiting", "recording", "uploading", "interrupted", "paused"].map {
            Row(.camera, #"{"type":"status","status":"\#($0)"}"#, .cameraStatus($0))
        }
        + [
            Row(.camera, #"{"status":"recording","timestamp":1795183711.25}"#, .cameraStatus("recording")),
            Row(
                .viewer, #"{"type":"reconnect_request","reason":"No frames for 10s"}"#,
                .text(#"{"command":"reconnect"}"#)),
            Row(.viewer, #"{"command":"start","more":1}"#, .text(#"{"command":"start"}"#)),
            Row(.viewer, #"{"command":"stop"}"#, .theSame), Row(.viewer, #"{"command":"torch"}"#, .theSame),
        ]

    /// Plays it row by row; each side hears what it should, and nothing else.
    nonisolated(nonsending) static func play(camera: Party, viewer: Party) async throws {
        for row in rows {
            let (speaker, listener) = row.from == .camera ? (camera, viewer) : (viewer, camera)
            try await speaker.say(row.says)
            switch row.heard {
            case .nothing: break
            case .theSame: #expect(try await listener.hear() == row.says)
            case .text(let text): #expect(try await listener.hear() == text, "after \(row.says)")
            case .cameraStatus(let status):
                let text = try await listener.hear() ?? ""
                let members = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
                #expect(members["type"] == "camera_status" && members["status"] == status)
                #expect(members["cameraId"]?.isEmpty == false && members.count == 3)
            }
        }
    }
}

extension MessageTable.Party {
    /// `peer.py` as it was told to be.
    init(_ program: Program) {
        say = { try program.tell(String(decoding: JSONEncoder().encode(["text": $0]), as: UTF8.self)) }
        hear = {
            let line = try await program.line(with: #""event": "text""#)
            let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return event?["text"] as? String
        }
    }
}

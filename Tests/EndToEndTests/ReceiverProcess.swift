// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// `framewatch run` as a process of its own, and what its log tells.
final class ReceiverProcess {
    /// A line of a log in JSON.
    struct Entry: Decodable {
        let time: Date
        let level: String
        let event: String
        let camera: String?
        let url: String?
        let reason: String?
        let total: Int?
        let fps: Double?
        let urls: String?
        let silenceSeconds: Double?
        let afterSeconds: Double?
    }

    let program: Program
    /// Of the embedded relay.
    private(set) var url = ""
    /// The camera page's, without the token.
    private(set) var page = ""
    /// What was read so far.
    private(set) var log: [Entry] = []
    var errors: [String] { log.filter { $0.level == "error" }.map(\.event) }

    /// Embeds a relay, with everything on ports that are free.
    init(at address: String = "127.0.0.1", in place: Place? = nil, _ flags: String...) async throws {
        program = try ReceiverProcess.start(
            [
                "--bind", address, "--ws-port", "0", "--http-port", "0", "--https-port", "0", "--state-dir",
                RelayProcess.state,
            ] + flags, in: place)
        url = try #require(try await reach("listening").url)
        page = try #require(try await reach("camera_page_served").urls)
    }

    /// Joins the relay at `url`. One that keeps its state to itself is known there when it comes again.
    init(joining url: String, state: String = RelayProcess.state, _ flags: String...) async throws {
        program = try ReceiverProcess.start(["--relay", url, "--state-dir", state] + flags, in: nil)
        try await reach("relay_joined", of: "default")
    }

    private static func start(_ flags: [String], in place: Place?) throws -> Program {
        try Program.framewatch(
            ["run", "--token", RelayProcess.token, "--log-format", "json"] + flags, in: place)
    }

    private static let decoder = {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dateDecodingStrategy = .custom {
            try Date($0.singleValueContainer().decode(String.self), strategy: .iso8601withFraction)
        }
        return decoder
    }()

    /// Reads on to the next entry of this kind.
    @discardableResult
    func reach(_ event: String, of camera: String? = nil) async throws -> Entry {
        while let line = await program.line() {
            guard let entry = try? ReceiverProcess.decoder.decode(Entry.self, from: Data(line.utf8)) else { continue }
            log.append(entry)
            if entry.event == event && entry.camera == camera { return entry }
        }
        // A time limit that has passed tells nothing of what was waited for.
        let last = program.transcript.filter { !$0.contains(#""event":"frames""#) }.suffix(20)
        Issue.record("no \(event) after \(last.joined(separator: "\n"))")
        throw Program.Missing(text: event, transcript: program.transcript)
    }

    /// Reads on to the death of the stream, which comes in time.
    @discardableResult
    func reachDeath(of camera: String = "default", sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> Entry
    {
        let dead = try await reach("dead", of: camera)
        let silence = try #require(dead.silenceSeconds)
        print("\(Test.current?.displayName ?? ""): detected after \(silence) s")
        #expect((10.0...10.2).contains(silence), "detected after \(silence) s", sourceLocation: sourceLocation)
        return dead
    }

    /// Reads on to the first frame of a new connection, which comes in time.
    func reachFrame(of camera: String = "default", sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await reach("offer_received", of: camera)
        try await reach("answer_sent", of: camera)
        let first = try await reach("first_frame", of: camera)
        let wait = try #require(first.afterSeconds)
        print("\(Test.current?.displayName ?? ""): first frame \(wait) s after the offer")
        #expect(wait <= 2, "the first frame came \(wait) s after the offer", sourceLocation: sourceLocation)
    }

    /// Reads on to frames that flow again after an attempt, by the protocol's lines.
    func reachRecovery(of camera: String = "default", sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for event in ["closing_peer", "creating_peer", "reconnect_requested", "awaiting_reconnect"] {
            try await reach(event, of: camera)
        }
        try await reachFrame(of: camera, sourceLocation: sourceLocation)
        try await reach("recovered", of: camera)
        try await reach("frames", of: camera)
    }
}

extension ParseStrategy where Self == Date.ISO8601FormatStyle {
    fileprivate static var iso8601withFraction: Self { Date.ISO8601FormatStyle(includingFractionalSeconds: true) }
}

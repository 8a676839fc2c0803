// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainLoop
import Testing
import Timing

/// What a receiver keeps of its incidents, whatever happens to its disk or to itself.
@Suite("Incidents of a receiver", .serialized)
struct IncidentTests {
    /// A state directory that is gone with its test.
    final class State {
        let path = FileManager.default.temporaryDirectory.appending(path: "framewatch-\(UUID().uuidString)").path

        deinit { try? FileManager.default.removeItem(atPath: path) }

        /// Waits until the totals say this.
        func wait(for words: String) async throws {
            let look = "until grep -q '\(words)' \(path)/sessions.json 2>/dev/null; do sleep 0.02; done"
            try await Program.tool(["sh", "-c", look]).succeed()
        }

        func files(_ directory: String) -> [String] {
            (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(directory)"))?.sorted() ?? []
        }
    }

    /// What `framewatch incidents --json` says of a state directory. Each is whole: it leaves out none.
    static func incidents(in state: String) async throws -> [String] {
        let program = try Program.framewatch("incidents", "--json", "--state-dir", state)
        try await program.succeed()
        #expect(!program.transcript.contains { $0.contains("left out") }, "\(program.transcript)")
        return program.transcript
    }

    @Test(
        .timeLimit(.minutes(2)), .enabled("a disk of our own takes root") { await Disk.isPossible() },
        arguments: Disk.Fault.allCases)
    func `a disk that fails neither stops nor slows the watch, and is named once`(fault: Disk.Fault) async throws {
        let disk = try await Disk()
        let relay = try await RelayProcess()
        let camera = try Program.camera(at: relay.url, "--zombie-after", "2")
        let receiver = try await ReceiverProcess(joining: relay.url, state: disk.path, "--stall-after", "2")
        try await receiver.reach("cured", of: "default")
        try await disk.suffer(fault)
        for _ in 1...3 {
            let silence = try await receiver.reach("dead", of: "default").silenceSeconds
            #expect((2...2.2).contains(try #require(silence)))
            try await receiver.reach("recovered", of: "default")
        }
        try await disk.heal(fault)
        try await receiver.reach("state_kept_again")
        #expect(receiver.log.count { $0.event == "state_not_kept" } == 1)
        receiver.program.signal(SIGTERM)
        #expect(await receiver.program.end() == 0)
        #expect(try await IncidentTests.incidents(in: disk.path).count >= 2)
        withExtendedLifetime(camera) {}
    }

    @Test(.timeLimit(.minutes(1)))
    func `a receiver that was killed while it asked asks at once in its next run, and goes on counting`() async throws {
        let state = State()
        let relay = try await RelayProcess()
        let camera = try Program.camera(at: relay.url, "--deaf", "1")
        try await camera.line(with: "Sent offer")
        var receiver = try await ReceiverProcess(joining: relay.url, state: state.path)
        try await receiver.reach("reconnect_requested", of: "default")
        try await state.wait(for: #""attempts":1,.*"requests":1"#)
        receiver.program.signal(SIGKILL)
        receiver = try await ReceiverProcess(joining: relay.url, state: state.path)
        let joined = try #require(receiver.log.last).time
        let asked = try await receiver.reach("reconnect_requested", of: "default")
        // Without its memory it would give the camera 2 s to offer.
        #expect(asked.time.timeIntervalSince(joined) < 1)
        try await receiver.reach("recovered", of: "default")
        try await state.wait(for: #""attempts":0,.*"requests":2"#)
        withExtendedLifetime(camera) {}
    }

    @Test(.timeLimit(.minutes(1)))
    func `totals that cannot be read are set aside, and no reason not to start`() async throws {
        let state = State()
        try FileManager.default.createDirectory(atPath: state.path, withIntermediateDirectories: true)
        try Data([0xFF, 0x00, 0x7B]).write(to: URL(filePath: "\(state.path)/sessions.json"))
        let relay = try await RelayProcess()
        let receiver = try await ReceiverProcess(joining: relay.url, state: state.path)
        #expect(receiver.log.map(\.event).contains("state_set_aside"))
        receiver.program.signal(SIGTERM)
        #expect(await receiver.program.end() == 0)
        let files = state.files("").filter { $0.hasPrefix("sessions.json") }
        #expect(files.count == 2 && files[1].hasPrefix("sessions.json.broken-"), "\(files)")
    }

    /// Before a release: `TEST_KILLS=50 scripts/test --only IncidentTests`.
    static let kills = ProcessInfo.processInfo.environment["TEST_KILLS"].flatMap { Int($0) } ?? 4

    @Test(.timeLimit(.minutes(kills / 3 + 2)))
    func `killed at any moment of an incident, it leaves a whole one or none, and a state that reads`() async throws {
        let state = State()
        let relay = try await RelayProcess()
        let camera = try Program.camera(at: relay.url, "--zombie-after", "1")
        var (killed, kept) = (0, 0)
        for round in 1...IncidentTests.kills {
            let receiver = try await ReceiverProcess(joining: relay.url, state: state.path, "--stall-after", "1")
            try await receiver.reach("dead", of: "default")
            // Every other time about when it is written.
            if round.isMultiple(of: 2) { try await receiver.reach("cured", of: "default") }
            let longest = round.isMultiple(of: 2) ? 0.01 : 6
            await IncidentTests.pass(.seconds(.random(in: 0...longest)))
            receiver.program.signal(SIGKILL)
            _ = await receiver.program.end()
            killed += 1
            kept = try await IncidentTests.incidents(in: state.path).count
            let text = try String(contentsOfFile: "\(state.path)/sessions.json", encoding: .utf8)
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(text.utf8)) }
        }
        print("killed \(killed) times; \(kept) incidents are whole, drafts: \(drafts(in: state).count)")
        let last = try await ReceiverProcess(joining: relay.url, state: state.path)
        last.program.signal(SIGTERM)
        #expect(await last.program.end() == 0)
        #expect(drafts(in: state) == [])
        #expect(!state.files("").contains { $0.contains("broken") })
        withExtendedLifetime(camera) {}
    }

    private func drafts(in state: State) -> [String] {
        (state.files("") + state.files("incidents/default")).filter { $0.contains(".json.") }
    }

    @MainLoop
    private static func pass(_ time: Duration) async {
        await withCheckedContinuation { continuation in
            var deadline: Deadline?
            deadline = Deadline {
                deadline = nil
                continuation.resume()
            }
            deadline?.arm(at: MainLoop.now + time)
        }
    }
}

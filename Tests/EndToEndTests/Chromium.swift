// SPDX-License-Identifier: Apache-2.0

import Foundation
import Host
import Testing

/// A real browser with one page and a made-up camera, driven over DevTools.
final class Chromium {
    private let program: Program
    private let profile: URL
    private var session: String?
    private var lastID = 0

    /// Where the pictures of its camera come from.
    enum Picture {
        /// Its own: a pie on green, which needs few bits.
        case pie
        /// Rings at 1280x720 and 30 a second, which need more bits than a page may send.
        case rings
    }

    /// Who may have the camera.
    enum Permission {
        case everybody
        /// Whom `answer` lets.
        case answered
    }

    /// `certificate` is a file with the one that it takes without asking.
    init(
        _ picture: Picture = .pie, for permission: Permission = .everybody, trusting certificate: String? = nil,
        in place: Place? = nil, _ flags: String...
    ) async throws {
        profile = FileManager.default.temporaryDirectory.appending(path: "framewatch-chromium-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: profile, withIntermediateDirectories: true)
        program = try Program.chromium(
            Chromium.flags(profile: profile.path) + Chromium.flags(for: picture, in: profile.path)
                + Chromium.flags(trusting: certificate) + flags
                + (permission == .everybody ? ["--use-fake-ui-for-media-stream"] : []), in: place)
        let target: Target = try await ask("Target.createTarget", ["url": "about:blank"])
        let attached: Attached = try await ask(
            "Target.attachToTarget", ["targetId": target.targetId, "flatten": true])
        session = attached.sessionId
    }

    deinit {
        program.endGroup()
        try? FileManager.default.removeItem(at: profile)
    }

    private struct Target: Decodable { let targetId: String }
    private struct Attached: Decodable { let sessionId: String }
    private struct Nothing: Decodable {}

    private static func flags(profile: String) -> [String] {
        let flags = [
            "--headless=new", "--user-data-dir=\(profile)", "--no-first-run", "--disable-gpu",
            "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
        ]
        return geteuid() == 0 ? flags + ["--no-sandbox"] : flags
    }

    private static func flags(for picture: Picture, in directory: String) throws -> [String] {
        switch picture {
        case .pie: return ["--use-fake-device-for-media-stream=fps=30"]
        case .rings:
            let file = "\(directory)/rings.y4m"
            _ = try Host.output(of: [
                "gst-launch-1.0", "-q", "videotestsrc", "num-buffers=30", "pattern=zone-plate", "kx2=4", "ky2=4",
                "kt=2",
                "!", "video/x-raw,format=I420,width=1280,height=720,framerate=30/1", "!", "y4menc", "!", "filesink",
                "location=\(file)",
            ])
            return ["--use-fake-device-for-media-stream", "--use-file-for-fake-video-capture=\(file)"]
        }
    }

    private static func flags(trusting certificate: String?) throws -> [String] {
        guard let certificate else { return [] }
        let pipeline =
            #"openssl x509 -in "$0" -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary"#
        let fingerprint = try Host.output(of: ["sh", "-c", "\(pipeline) | base64", certificate])
        return ["--ignore-certificate-errors-spki-list=\(fingerprint.trimmingCharacters(in: .whitespacesAndNewlines))"]
    }

    // MARK: - The page

    func open(_ url: String) async throws {
        let _: Nothing = try await ask("Page.navigate", ["url": url])
    }

    func reload() async throws {
        let _: Nothing = try await ask("Page.reload", [:])
    }

    enum Answer: String {
        case granted, denied
        /// Nothing yet. Where everybody may have the camera this is no hindrance, but it hides the phone's addresses
        /// from the page, behind mDNS names.
        case prompt
    }

    /// Sets what a page may have, whatever its address.
    func answer(_ answer: Answer, for permissions: String...) async throws {
        for permission in permissions {
            let _: Nothing = try await ask(
                "Browser.setPermission", ["permission": ["name": permission], "setting": answer.rawValue])
        }
    }

    /// What a script comes to, once its promise is kept.
    func evaluate<Value: Decodable>(_ script: String, as: Value.Type = Value.self) async throws -> Value {
        let result: Evaluation<Value> = try await ask(
            "Runtime.evaluate", ["expression": script, "awaitPromise": true, "returnByValue": true])
        guard let value = result.result.value else { throw Complaint(method: script, answer: "\(result)") }
        return value
    }

    private struct Evaluation<Value: Decodable>: Decodable {
        struct Result: Decodable { let value: Value? }
        struct Details: Decodable { let text: String }
        let result: Result
        let exceptionDetails: Details?
    }

    /// Waits until a condition holds in the page.
    func until(_ condition: String) async throws {
        let script = """
            new Promise((done) => {
              const timer = setInterval(() => { if (\(condition)) { clearInterval(timer); done(true); } }, 20);
            })
            """
        let _: Bool = try await evaluate(script)
    }

    /// Waits for the page's line to say something, and gives all of it.
    func untilItSays(_ text: String) async throws -> String {
        let line = "document.getElementById('line')?.textContent"
        try await until("\(line)?.includes('\(text)')")
        return try await evaluate(line)
    }

    /// Opens another page in front of ours, or closes it again.
    func cover() async throws -> () async throws -> Void {
        let mine = session
        session = nil
        defer { session = mine }
        let target: Target = try await ask("Target.createTarget", ["url": "about:blank"])
        return { [self] in
            let mine = session
            session = nil
            defer { session = mine }
            let _: Nothing = try await ask("Target.closeTarget", ["targetId": target.targetId])
        }
    }

    // MARK: - DevTools

    struct Complaint: Error {
        let method: String
        let answer: String
    }

    private func ask<Answer: Decodable>(_ method: String, _ parameters: [String: Any]) async throws -> Answer {
        lastID += 1
        var message: [String: Any] = ["id": lastID, "method": method, "params": parameters]
        message["sessionId"] = session
        try program.tell(String(decoding: JSONSerialization.data(withJSONObject: message), as: UTF8.self))
        while let line = await program.line() {
            guard line.hasPrefix("{\"id\":\(lastID),") else { continue }
            do {
                return try JSONDecoder().decode(Reply<Answer>.self, from: Data(line.utf8)).result
            } catch {
                throw Complaint(method: method, answer: line)
            }
        }
        throw Complaint(method: method, answer: "the browser has ended")
    }

    private struct Reply<Answer: Decodable>: Decodable { let result: Answer }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import Host
import MainLoop
import Telemetry
import Testing

@testable import Sockets
@testable import framewatch

/// What the service finds there, and what it makes of it.
@Suite(.timeLimit(.minutes(1)))
final class StateDirectoryTests {
    let directory = FileManager.default.temporaryDirectory.appending(path: "framewatch-\(UUID().uuidString)").path
    var state: StateDirectory { StateDirectory(path: directory) }

    init() throws { try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func keep(_ text: String, in name: String) throws -> String {
        let file = "\(directory)/\(name)"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }

    /// A certificate with its key, as PEM.
    static func pair() throws -> (certificate: String, key: String) {
        let text = try Host.output(of: [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", "/CN=test", "-keyout", "/dev/stdout", "-out", "/dev/stdout",
        ])
        let start = try #require(text.firstRange(of: "-----BEGIN CERTIFICATE")).lowerBound
        return (String(text[start...]), String(text[..<start]))
    }

    @Test func `a token is made once and kept for us alone`() throws {
        let token = try state.token()
        #expect(try state.token() == token)
        let file = "\(directory)/token"
        #expect(try String(contentsOfFile: file, encoding: .utf8) == token.revealSecret() + "\n")
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
    }

    @Test func `eight that start at once have one token and one certificate`() async throws {
        let state = state
        let found = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 1...8 {
                group.addTask { [try state.token().revealSecret(), try await state.identity().pem] }
            }
            var found: Set<[String]> = []
            for try await start in group { found.insert(start) }
            return found
        }
        #expect(found.count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["identity.pem", "token"])
    }

    @Test func `of two receivers on one directory each has a name, which the next run has again`() throws {
        let (first, number) = state.session()
        let (second, other) = state.session()
        #expect(second != first)
        #expect((number, other) == (1, 2))
        #expect(try String(contentsOfFile: "\(directory)/session", encoding: .utf8) == first + "\n")
        #expect(try String(contentsOfFile: "\(directory)/session-2", encoding: .utf8) == second + "\n")
    }

    @Test func `a token that somebody wrote is taken without the white space around it`() throws {
        _ = try keep(" swordfish\r\n", in: "token")
        #expect(try state.token() == Secret("swordfish"))
    }

    @Test(arguments: [
        ("", "delete it to have a new one made"), ("short", "delete it to have a new one made"),
        ("sword fish", "delete it to have a new one made"),
        ("none\n", "to open everything, set token = none in the configuration"),
    ])
    func `a kept token obeys the rule for all tokens`(text: String, advice: String) throws {
        let file = try keep(text, in: "token")
        let rule = "a token is 8 to 128 characters out of A-Z, a-z, 0-9 and ._~-"
        #expect(throws: Complaint("cannot use \(file): \(rule); \(advice)")) { try state.token() }
    }

    @Test @MainLoop func `a certificate is made once and kept for us alone`() async throws {
        let pem = try await state.identity().pem
        #expect(pem.hasPrefix("-----BEGIN CERTIFICATE-----"))
        #expect(try await state.identity().pem == pem)
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/identity.pem")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test @MainLoop func `the certificate that is made names this host's addresses`() async throws {
        _ = try await state.identity()
        let names = try Host.output(of: [
            "openssl", "x509", "-in", "\(directory)/identity.pem", "-noout", "-ext", "subjectAltName",
        ])
        #expect(names.contains("DNS:\(Host.name), DNS:localhost, IP Address:127.0.0.1, "))
        for address in Host.addresses where address.isForOthers && !address.isIPv6 {
            #expect(names.contains("IP Address:\(address.text)"))
        }
    }

    @Test(arguments: ["", "garbage", "certificate only", "key only", "a stranger's key"])
    @MainLoop
    func `a kept certificate that is none is named, with the way out`(content: String) async throws {
        let pair = try Self.pair()
        let text =
            switch content {
            case "certificate only": pair.certificate
            case "key only": pair.key
            case "a stranger's key": try Self.pair().key + pair.certificate
            default: content
            }
        let file = try keep(text, in: "identity.pem")
        let complaint = await #expect(throws: Complaint.self) { try await state.identity() }
        #expect(complaint?.description.hasPrefix("cannot use \(file): ") == true)
        #expect(complaint?.description.hasSuffix("; delete it to have a new one made") == true)
    }

    @Test func `a key that is not the certificate's ends in one line and 69`() throws {
        let certificate = try keep(Self.pair().certificate, in: "certificate.pem")
        let key = try keep(Self.pair().key, in: "key.pem")
        let outcome = try ExecutableTests.framewatch([
            "relay", "--bind", "127.0.0.1", "--ws-port", "0", "--http-port", "0", "--https-port", "0",
            "--state-dir", directory, "--log-level", "error", "--tls-certificate", certificate, "--tls-key", key,
        ])
        let line =
            "framewatch: cannot use tls-certificate \(certificate) with tls-key \(key): "
            + "the key is not the certificate's\n"
        #expect(outcome == .init(status: 69, output: "", error: line))
    }
}

extension TLSIdentity {
    fileprivate var pem: String { certificate.property("certificate-pem") }
}

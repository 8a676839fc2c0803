// SPDX-License-Identifier: Apache-2.0

import Host
import MainLoop
import Sockets
import Telemetry

/// The directory in which the service keeps things from run to run.
///
/// What is missing is made and then read like the rest, as another process may have been faster.
struct StateDirectory {
    let path: String

    /// The token for cameras and viewers, made on the first run.
    func token() throws(Complaint) -> Secret { try word("token") }

    /// The name by which relays recognize this receiver, in its next run, too, and its number among those that share the
    /// directory. Receivers that run at the same time have one each: two with one name would throw each other out for
    /// ever.
    func session() -> (name: String, number: Int) {
        for number in 1...StateDirectory.mostReceivers {
            let file = number == 1 ? "session" : "session-\(number)"
            // Relays take us for somebody new then, which is no reason not to start.
            guard let name = try? word(file).revealSecret() else { return (StateDirectory.randomWord(), number) }
            if Host.claim("\(path)/\(file)") { return (name, number) }
        }
        return (StateDirectory.randomWord(), StateDirectory.mostReceivers + 1)
    }

    private static let mostReceivers = 64

    /// A random word that is kept in a file.
    private func word(_ name: String) throws(Complaint) -> Secret {
        let file = "\(path)/\(name)"
        if !Host.exists(file) {
            do throws(GLibError) { try Host.createPrivately(StateDirectory.randomWord() + "\n", atFile: file) } catch {
                throw Complaint("cannot keep a \(name): \(error.message)")
            }
        }
        let text: String
        do throws(Host.ReadError) { text = String(try Host.text(ofFile: file, limit: 1024).trimmed) } catch {
            throw Complaint("cannot read \(file): \(error)")
        }
        let form = Form<String>.tokenWord.secret()
        do throws(NotAllowed) { return try form.read(text) } catch {
            let advice =
                text == "none"
                ? "to open everything, set token = none in the configuration" : "delete it to have a new one made"
            throw Complaint("cannot use \(file): a \(name) is \(form.allowed); \(advice)")
        }
    }

    /// 43 letters out of 64 hold 258 bits.
    private static func randomWord() -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        return String((0..<43).map { _ in letters[.random(in: letters.indices)] })
    }

    /// The certificate for our own pages, made on the first run.
    @MainLoop
    func identity() async throws(Complaint) -> TLSIdentity {
        // One file, as two can't be made atomically.
        let file = "\(path)/identity.pem"
        if !Host.exists(file) { try await makeIdentity(in: file) }
        do throws(GLibError) { return try await TLSIdentity(certificateFile: file, keyFile: file) } catch {
            throw Complaint("cannot use \(file): \(error.message); delete it to have a new one made")
        }
    }

    private func makeIdentity(in file: String) async throws(Complaint) {
        do throws(GLibError) { try Host.createPrivately(try await TLSIdentity.selfSigned(), atFile: file) } catch {
            throw Complaint("cannot make a certificate for TLS: \(error.message)")
        }
    }
}

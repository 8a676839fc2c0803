// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Sockets
import Telemetry

/// The one directory in which the service remembers things from run to run.
struct StateDirectory {
    let path: String

    /// The token: 256 random bits, made on the first run.
    func token() throws(Complaint) -> Secret {
        let file = "\(path)/token"
        do throws(Host.ReadError) {
            let text = try Host.text(ofFile: file, limit: 1024)
            let token = text.filter { !$0.isWhitespace }
            guard !token.isEmpty else { throw .unreadable("it is empty; delete it to have a new one made") }
            return Secret(token)
        } catch {
            switch error {
            case .missing: return try makeToken(in: file)
            case .unreadable(let why): throw Complaint("cannot read \(file): \(why)")
            }
        }
    }

    private func makeToken(in file: String) throws(Complaint) -> Secret {
        // 43 letters out of 64 hold 258 bits.
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let token = String((0..<43).map { _ in letters[.random(in: letters.indices)] })
        do throws(GLibError) { try Host.writePrivately(token + "\n", toFile: file) } catch {
            throw Complaint("cannot keep a token: \(error.message)")
        }
        return Secret(token)
    }

    /// The certificate for our own pages, made on the first run.
    @MainLoop
    func identity() throws(Complaint) -> TLSIdentity {
        // One file, so that of two that start at once neither finds the other's key beside its certificate.
        let file = "\(path)/identity.pem"
        do throws(GLibError) {
            if !Host.exists(file) { try Host.writePrivately(try TLSIdentity.selfSigned(), toFile: file) }
            return try TLSIdentity(certificateFile: file, keyFile: file)
        } catch {
            throw Complaint("no certificate for TLS: \(error.message)")
        }
    }
}

/// Why the service cannot start, in one line.
struct Complaint: Error, Equatable {
    let description: String

    init(_ description: String) { self.description = description }
}

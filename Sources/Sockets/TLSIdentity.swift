// SPDX-License-Identifier: Apache-2.0

import CGLib
import Host
import MainLoop

/// A certificate and its private key, from PEM files.
@MainLoop
package final class TLSIdentity {
    let certificate: GObjectRef<UnsafeMutablePointer<GTlsCertificate>>

    package init(certificateFile: String, keyFile: String) async throws(GLibError) {
        let loaded = try withGError { g_tls_certificate_new_from_files(certificateFile, keyFile, $0) }
        guard let loaded else { throw GLibError(message: "\(certificateFile) holds no certificate") }
        certificate = GObjectRef(adopting: loaded)
        try await TLSIdentity.match(certificateFile: certificateFile, keyFile: keyFile)
    }

    /// Throws if the key is another certificate's, which GIO would find out only with each connection.
    @concurrent
    private nonisolated static func match(certificateFile: String, keyFile: String) async throws(GLibError) {
        let certified = try Host.output(of: ["openssl", "x509", "-in", certificateFile, "-noout", "-pubkey"])
        // With an empty password, lest it ask the terminal for one.
        let own = try Host.output(of: ["openssl", "pkey", "-in", keyFile, "-passin", "pass:", "-pubout"])
        guard certified == own else { throw GLibError(message: "the key is not the certificate's") }
    }

    /// Makes a certificate for this host's names and addresses, as PEM with its key. Browsers ask about it once.
    @concurrent
    package nonisolated static func selfSigned() async throws(GLibError) -> String {
        let hosts = ["DNS:\(Host.name)", "DNS:localhost", "IP:127.0.0.1", "IP:::1"]
        let addresses = Host.addresses.filter(\.isForOthers).map { "IP:\($0.text)" }
        let names = "subjectAltName=\((hosts + addresses).joined(separator: ","))"
        let text = try Host.selfSignedCertificate("-addext", names)
        // openssl's status is 0 even if it could not write all.
        let loaded = try withGError { g_tls_certificate_new_from_pem(text, -1, $0) }
        guard let loaded else { throw GLibError(message: "openssl made none") }
        g_object_unref(loaded)
        return text
    }
}

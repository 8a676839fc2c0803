// SPDX-License-Identifier: Apache-2.0

import CGLib
import Host
import MainLoop

/// The certificate that our end shows: ECDSA, like phones'. GStreamer's own is RSA, which some peers refuse.
struct DTLSCertificate: Sendable {
    /// With its key.
    let pem: String
    /// The line that announces it.
    private let fingerprint: String

    /// Takes some milliseconds.
    init() throws(GLibError) {
        pem = try Host.selfSignedCertificate()
        // openssl's status is 0 even if it could not write all.
        guard let digest = G_CHECKSUM_SHA256.digest(ofPEM: pem) else { throw GLibError(message: "openssl made none") }
        fingerprint = "a=fingerprint:sha-256 \(digest.inPairs)"
    }

    /// webrtcbin's description with the right fingerprints: its own are digests of certificate and key together.
    func announced(in description: String) -> String {
        description.split(separator: "\r\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("a=fingerprint:") ? fingerprint[...] : $0 }.joined(separator: "\r\n")
    }
}

extension String {
    /// As fingerprints are written: AB:CD:EF.
    fileprivate var inPairs: String {
        let digits = Array(uppercased())
        return stride(from: 0, to: digits.count, by: 2).map { String(digits[$0..<$0 + 2]) }.joined(separator: ":")
    }
}

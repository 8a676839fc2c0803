// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling
import Synchronization

/// Compares the certificates that the other end shows with those it announced: webrtcbin does not.
final class PeerProof: Sendable {
    private let announced = Mutex<[Fingerprint]>([])

    /// Takes those of its latest offer or answer.
    func expect(_ fingerprints: [Fingerprint]) { announced.withLock { $0 = fingerprints } }

    /// Whether every transport's certificate was announced. For webrtcbin's thread, which holds no lock then.
    func holds(for webrtcbin: Element) -> Bool {
        let fingerprints = announced.withLock { $0 }
        // As PEM; an empty text where none was shown.
        let certificates = webrtcbin.transports.map { $0.property("remote-certificate", as: String.self) }
        return !certificates.isEmpty
            && certificates.allSatisfy { certificate in fingerprints.contains { $0.isDigest(ofPEM: certificate) } }
    }
}

extension Element {
    /// The transports, where DTLS happens: with BUNDLE the same one for each section. For webrtcbin's thread.
    var transports: [GObjectRef<OpaquePointer>] {
        let receivers = transceivers.map { $0.object("receiver", as: OpaquePointer.self) }
        let association = GObjectRef(retaining: self).object("sctp-transport", as: OpaquePointer.self)
        return (receivers + [association]).compactMap { $0?.object("transport") }
    }

    /// Not for the loop: it takes webrtcbin's lock for a moment.
    var transceivers: [GObjectRef<OpaquePointer>] {
        guard let array = cgst_transceivers(self) else { return [] }
        defer { g_array_unref(array) }
        return (0..<array.pointee.len).map { GObjectRef(sharing: OpaquePointer(cgst_transceiver(array, $0))) }
    }
}

extension GChecksumType {
    /// The digest, in hexadecimal, of the certificate in a PEM text (its DER: RFC 8122).
    func digest(ofPEM pem: String) -> String? {
        let lines = pem.split(separator: "\n").drop { $0 != "-----BEGIN CERTIFICATE-----" }.dropFirst()
        let body = lines.prefix { $0 != "-----END CERTIFICATE-----" }.joined()
        var size: gsize = 0
        guard !body.isEmpty, let bytes = g_base64_decode(body, &size) else { return nil }
        defer { g_free(bytes) }
        guard size > 0, let hexadecimal = g_compute_checksum_for_data(self, bytes, size) else { return nil }
        defer { g_free(hexadecimal) }
        return String(cString: hexadecimal)
    }
}

extension Fingerprint {
    func isDigest(ofPEM pem: String) -> Bool { checksum.digest(ofPEM: pem) == hexadecimal }

    private var checksum: GChecksumType {
        switch hash {
        case .sha256: G_CHECKSUM_SHA256
        case .sha384: G_CHECKSUM_SHA384
        case .sha512: G_CHECKSUM_SHA512
        }
    }

    private var hexadecimal: String { digest.map { ($0 < 0x10 ? "0" : "") + String($0, radix: 16) }.joined() }
}

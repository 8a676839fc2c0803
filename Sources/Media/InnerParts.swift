// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop

extension Element {
    /// Adjusts an element that webrtcbin makes inside itself, before it is used.
    func adjust(for certificate: DTLSCertificate) {
        switch String(cString: g_type_name_from_instance(raw.assumingMemoryBound(to: GTypeInstance.self))) {
        case "GstDtlsSrtpDec": set("pem", certificate.pem)
        case "GstRtpSession":
            // Each transport-cc packet would put off the receiver reports, by which the phone knows loss and round
            // trips: they come each second where there is time to spare in this (unused) bandwidth for all of them.
            set("bandwidth", "100000000")
            set("rtcp-min-interval", "1000000000")
        case "GstRtpJitterBuffer":
            // It would request a packet that is merely late, take it for lost, and drop it when it comes (1.22).
            set("rtx-next-seqnum", "false")
            // It does not know where a stream begins, and would wait its whole latency for earlier packets.
            set("faststart-min-packets", "4")
        default: break
        }
    }
}

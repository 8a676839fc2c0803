// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop

extension Element {
    /// Sets right one of the elements that webrtcbin makes inside of itself, before it is used.
    func adjust(for certificate: DTLSCertificate) {
        switch String(cString: g_type_name_from_instance(raw.assumingMemoryBound(to: GTypeInstance.self))) {
        case "GstDtlsSrtpDec": set("pem", certificate.pem)
        case "GstRtpSession":
            // Each transport-cc packet would put off the receiver reports, by which the phone knows loss and round
            // trips: they come each second where there is time to spare in this (unused) bandwidth for all of them.
            set("bandwidth", "100000000")
            set("rtcp-min-interval", "1000000000")
        case "GstRtpJitterBuffer":
            // It would ask for a packet that is merely late, then take it for lost and drop it when it comes (1.22).
            set("rtx-next-seqnum", "false")
            // Where a stream begins it does not know, and would wait its whole latency for what may have come before.
            set("faststart-min-packets", "4")
        default: break
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop

extension Element {
    /// Sets right one of the elements that webrtcbin makes inside of itself, before it is used.
    func adjust(for certificate: DTLSCertificate) {
        switch String(cString: g_type_name_from_instance(raw.assumingMemoryBound(to: GTypeInstance.self))) {
        case "GstDtlsSrtpDec": set("pem", certificate.pem)
        case "GstRtpJitterBuffer":
            // Where a stream begins it does not know, and would wait its whole latency for what may have come before.
            set("faststart-min-packets", "4")
        default: break
        }
    }
}

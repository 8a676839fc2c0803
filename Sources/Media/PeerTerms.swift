// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling
import Synchronization

/// What the latest offer and our choice from it demand, for webrtcbin's threads.
final class PeerTerms: Sendable {
    struct Content: Sendable {
        let section: Int
        let payloadType: UInt8
    }

    private let content = Mutex<Content?>(nil)

    func agree(_ new: Content) { content.withLock { $0 = new } }

    /// Tells the transceivers of earlier offers.
    func apply(to webrtcbin: GObjectRef<Element>) {
        for transceiver in webrtcbin.pointer.transceivers { apply(to: transceiver) }
    }

    /// Has the video's transceiver answer with only the chosen payload, and request lost packets.
    func apply(to transceiver: GObjectRef<OpaquePointer>) {
        guard let content = content.withLock({ $0 }) else { return }
        let isVideo = transceiver.property("mlineindex") == content.section
        // By number: webrtcbin does not compare the profiles of H264.
        let preference = isVideo ? "application/x-rtp,payload=(int)\(content.payloadType)" : "ANY"
        transceiver.pointer.set("codec-preferences", preference)
        if isVideo { transceiver.pointer.set("do-nack", "true") }
    }
}

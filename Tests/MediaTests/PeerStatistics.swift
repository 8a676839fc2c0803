// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Timing

@testable import Media

/// What webrtcbin knows of the video that it received, since the session began.
struct PeerStatistics: Equatable, Sendable {
    let packetsReceived: Int
    let bytesReceived: Int
    /// Lost for good, as the jitter buffer saw it.
    let packetsLost: Int
    /// Came again by retransmission.
    let packetsRepaired: Int
    let jitter: Duration
    let nacksSent: Int
    let keyframeRequestsSent: Int
}

extension PeerStatistics {
    /// Looks it up by SSRC: under BUNDLE, the kinds and codecs that webrtcbin tells are another section's.
    init?(in reply: UnsafePointer<GstStructure>?, source: UInt32) {
        guard let reply, let value = gst_structure_get_value(reply, "rtp-inbound-stream-stats_\(source)"),
            let stream = gst_value_get_structure(value)
        else { return nil }
        packetsReceived = Int(stream.number("packets-received"))
        bytesReceived = Int(stream.number("bytes-received"))
        packetsLost = Int(stream.number("packets-lost"))
        packetsRepaired = Int(stream.number("packets-repaired"))
        jitter = .seconds(stream.number("jitter"))
        nacksSent = Int(stream.number("nack-count"))
        keyframeRequestsSent = Int(stream.number("pli-count") + stream.number("fir-count"))
    }
}

extension WebRTCPeer {
    /// Hands over what is known by then; `nil` if that is nothing, or is not told within `limit`.
    func statistics(within limit: Duration, then: @escaping @MainLoop (PeerStatistics?) -> Void) {
        guard let webrtcbin = connection.webrtcbin, let source = tap.source(session: session) else { return then(nil) }
        let answer = FirstAnswer(within: limit, then)
        webrtcbin.ask("get-stats", read: { PeerStatistics(in: $0, source: source) }) { answer.give(try? $0.get()) }
    }
}

extension UnsafePointer<GstStructure> {
    /// A field of any numeric type; 0 where there is none.
    fileprivate func number(_ field: String) -> Double {
        guard let value = gst_structure_get_value(self, field) else { return 0 }
        var number = GValue()
        g_value_init(&number, cglib_type_double)
        defer { g_value_unset(&number) }
        return g_value_transform(value, &number) != 0 ? g_value_get_double(&number) : 0
    }
}

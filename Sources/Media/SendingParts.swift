// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling

/// The sound of our own camera.
package enum Sound: Equatable, Sendable {
    case none
    /// A tick a second.
    case ticks
}

/// The elements before webrtcbin in a sending peer.
struct SendingParts {
    /// Takes encoded frames.
    let video: GObjectRef<Element>

    static func elements(video: VideoCodec, sound: Sound) -> [String] {
        let payloader = video == .h264 ? "rtph264pay" : "rtpvp8pay"
        return ["appsrc", payloader] + (sound == .none ? [] : ["audiotestsrc", "opusenc", "rtpopuspay"])
    }

    /// Becomes a part of `pipeline`.
    init(in pipeline: Element, before webrtcbin: Element, video codec: VideoCodec, sound: Sound) throws(MediaError) {
        try GStreamer.require(SendingParts.elements(video: codec, sound: sound))
        // As phones do, with sound first.
        if sound == .ticks { try SendingParts.add(SendingParts.audio, to: pipeline, before: webrtcbin) }
        let bin = try SendingParts.add(SendingParts.video(codec), to: pipeline, before: webrtcbin)
        video = try bin.pointer.part(named: "source")
        let transceivers = webrtcbin.transceivers
        for transceiver in transceivers { transceiver.pointer.set("direction", "sendonly") }
        transceivers.last?.pointer.set("do-nack", "true")
    }

    @discardableResult
    private static func add(
        _ description: String, to pipeline: Element, before webrtcbin: Element
    ) throws(MediaError) -> GObjectRef<Element> {
        let bin = try Element.bin(description)
        pipeline.add(bin.pointer)
        guard gst_element_link(bin.pointer, webrtcbin) != 0 else {
            throw .pipeline("webrtcbin takes no \(description)")
        }
        return bin
    }

    private static let audio =
        "audiotestsrc is-live=true wave=ticks volume=0.2 ! opusenc ! rtpopuspay"
        + " ! capsfilter caps=application/x-rtp,media=audio,encoding-name=OPUS,payload=111"

    private static func video(_ codec: VideoCodec) -> String {
        let source =
            "appsrc name=source is-live=true do-timestamp=true format=time max-buffers=60 leaky-type=downstream"
        // Numbers and names as libwebrtc offers them.
        let (caps, payloader, terms) =
            switch codec {
            case .h264:
                (
                    "video/x-h264,stream-format=byte-stream,alignment=au,profile=constrained-baseline,level=(string)3.1",
                    "rtph264pay aggregate-mode=zero-latency config-interval=-1",
                    "encoding-name=H264,payload=102,packetization-mode=(string)1,profile-level-id=(string)42e01f,"
                        + "level-asymmetry-allowed=(string)1"
                )
            case .vp8: ("video/x-vp8", "rtpvp8pay picture-id-mode=15-bit", "encoding-name=VP8,payload=96")
            }
        return "\(source) caps=\(caps) ! \(payloader) mtu=1200"
            + " ! capsfilter caps=\"application/x-rtp,media=video,\(terms),"
            + "extmap-3=(string)\(HeaderExtension.transportWideCC)\""
    }
}

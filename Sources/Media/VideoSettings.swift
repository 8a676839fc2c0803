// SPDX-License-Identifier: Apache-2.0

import Signaling

/// The pictures that can be made without a camera.
package enum TestPattern: String, CaseIterable, Sendable {
    case ball, smpte, snow, black, blink, bar, pinwheel, spokes, gradient, colors
}

/// What our own camera sees, and how it encodes that.
package struct VideoSettings: Equatable, Sendable {
    package enum Scene: Equatable, Sendable {
        case pattern(TestPattern)
        case clip(Clip)
    }

    /// A video file.
    package struct Clip: Equatable, Sendable {
        package enum End: Sendable {
            case stops, repeats
        }

        package var path: String
        /// How many times as fast as it was taken.
        package var speed = 1.0
        package var end = End.stops

        package init(path: String) { self.path = path }
    }

    /// In pixels; even numbers.
    package struct Size: Equatable, Sendable {
        package var width: Int
        package var height: Int

        package init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }
    }

    package var scene = Scene.pattern(.ball)
    package var codec = VideoCodec.h264
    package var size = Size(width: 1280, height: 720)
    package var framesPerSecond = 30
    package var kilobitsPerSecond = 2000

    package init() {}
}

extension VideoSettings {
    /// The elements of its pipeline, besides a clip's decoders.
    var elements: [String] {
        let sources =
            switch scene {
            case .pattern: ["videotestsrc"]
            case .clip: ["decodebin", "videoconvert", "videoflip", "videoscale", "videorate"]
            }
        return sources + [encoder.prefix { $0 != " " }.description]
    }

    /// The pipeline, as `gst-launch-1.0` takes it; `clip` has no path yet and `decoder` leads to `raw`.
    var pipeline: String {
        "\(source) ! \(rawFormat) ! \(encoder) name=encoder"
            + " ! fakesink name=sink sync=false async=false signal-handoffs=true"
    }

    private var rawFormat: String {
        "video/x-raw,format=I420,width=\(size.width),height=\(size.height),framerate=\(framesPerSecond)/1,"
            + "pixel-aspect-ratio=1/1"
    }

    private var source: String {
        switch scene {
        case .pattern(let pattern): "videotestsrc pattern=\(pattern)"
        case .clip(let clip):
            // libav's decoders also offer video with memory features, which plain caps do not take.
            "filesrc name=clip ! decodebin name=decoder expose-all-streams=false caps=\"video/x-raw(ANY)\""
                + " videoconvert name=raw ! videoflip video-direction=auto ! videoscale ! videorate rate=\(clip.speed)"
        }
    }

    /// Keyframes come on request, as a phone's do.
    private var encoder: String {
        switch codec {
        case .h264:
            "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=3000 bitrate=\(kilobitsPerSecond)"
        // With one thread: libvpx 1.12's wait for each other in a spin, which takes 12 to 30 times the processor's time.
        case .vp8:
            "vp8enc deadline=1 cpu-used=8 threads=1 end-usage=cbr keyframe-max-dist=3000"
                + " target-bitrate=\(kilobitsPerSecond * 1000)"
        }
    }
}

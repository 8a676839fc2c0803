// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import Foundation
import MainLoop
import Signaling
import Testing
import Timing

@testable import Media

extension PeerTests {
    @MainLoop
    @Suite(.serialized, .timeLimit(.minutes(2)))
    struct VideoSourceTests {
        private let clips: Clips

        init() throws { clips = try Clips() }

        /// A directory of clips, which is gone after the test.
        final class Clips {
            private let directory = FileManager.default.temporaryDirectory.appending(path: "clips-\(UUID().uuidString)")

            init() throws {
                try GStreamer.start()
                try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            }

            deinit {
                try? FileManager.default.removeItem(at: directory)
            }

            func path(_ name: String) -> String { directory.appending(path: name).path }

            /// Makes a clip by what `gst-launch-1.0` would be told.
            func make(_ name: String, _ description: String) throws -> String {
                let pipeline = try Element.pipeline("\(description) ! filesink location=\"\(path(name))\"")
                gst_element_set_state(pipeline.pointer, GST_STATE_PLAYING)
                let bus = gst_element_get_bus(pipeline.pointer)
                let end = GstMessageType(GST_MESSAGE_EOS.rawValue | GST_MESSAGE_ERROR.rawValue)
                let message = gst_bus_timed_pop_filtered(bus, 10 * 1_000_000_000, end)
                #expect(message.map(cgst_message_type) == GST_MESSAGE_EOS)
                gst_message_unref(message)
                gst_object_unref(bus)
                gst_element_set_state(pipeline.pointer, GST_STATE_NULL)
                return path(name)
            }

            func video(_ name: String, frames: Int = 15) throws -> String {
                try make(
                    name,
                    "videotestsrc num-buffers=\(frames) ! video/x-raw,format=I420,width=160,height=120,framerate=15/1"
                        + " ! x264enc tune=zerolatency ! mp4mux")
            }
        }

        private static func play(
            _ path: String, speed: Double = 1, end: VideoSettings.Clip.End = .stops
        ) throws -> (VideoSource, AsyncStream<VideoEvent>) {
            var clip = VideoSettings.Clip(path: path)
            (clip.speed, clip.end) = (speed, end)
            var settings = VideoSettings()
            settings.scene = .clip(clip)
            settings.size = VideoSettings.Size(width: 160, height: 120)
            let (events, event) = AsyncStream.makeStream(of: VideoEvent.self)
            return (try VideoSource(settings) { event.yield($0) }, events)
        }

        @Test(arguments: [1.0, 4])
        func `a clip ends once`(speed: Double) async throws {
            let (source, events) = try VideoSourceTests.play(try clips.video("clip.mp4", frames: 30), speed: speed)
            let start = MainLoop.now
            let event = await events.first
            #expect(event == .ended)
            // Its last frame is due a frame's time before its end; decoding goes ahead of it.
            #expect(start.duration(to: MainLoop.now) >= .seconds(1.8 / speed))
            await source.close()
        }

        @Test(arguments: [GST_RANK_PRIMARY, GST_RANK_NONE])
        func `a clip is played with libav's decoder and without it`(rank: GstRank) async throws {
            let decoder = try #require(gst_element_factory_find("avdec_h264"))
            let before = gst_plugin_feature_get_rank(decoder)
            gst_plugin_feature_set_rank(decoder, guint(rank.rawValue))
            defer {
                gst_plugin_feature_set_rank(decoder, before)
                gst_object_unref(decoder.raw)
            }
            let (source, events) = try VideoSourceTests.play(try clips.video("clip.mp4"))
            #expect(await events.first == .ended)
            await source.close()
        }

        @Test func `a clip begins anew for ever`() async throws {
            let (source, events) = try VideoSourceTests.play(try clips.video("clip.mp4"), end: .repeats)
            var iterator = events.makeAsyncIterator()
            for _ in 1...3 {
                let event = await iterator.next()
                #expect(event == .repeated)
            }
            await source.close()
        }

        @Test func `what cannot be played says why`() async throws {
            let sound = try clips.make("sound.ogg", "audiotestsrc num-buffers=50 ! opusenc ! oggmux")
            try Data("text\n".utf8).write(to: URL(filePath: clips.path("text.mp4")))
            try Data().write(to: URL(filePath: clips.path("empty.mp4")))
            let reasons = [
                sound: "there is no video in it", clips.path("text.mp4"): "Could not determine type of stream.",
                clips.path("empty.mp4"): "Stream contains no data.", clips.path("missing.mp4"): "Resource not found.",
            ]
            for (path, reason) in reasons {
                let (source, events) = try VideoSourceTests.play(path)
                #expect(await events.first == .failed("cannot play \(path): \(reason)"))
                await source.close()
            }
        }

        @Test func `missing elements are told with Debian's packages`() throws {
            try GStreamer.start()
            let error = MediaError.missingElements(["x264enc", "nicesrc", "webrtcbin", "rtpbin"])
            #expect(throws: MediaError.missingElements(["no-such-element"])) {
                try GStreamer.require(["webrtcbin", "no-such-element"])
            }
            #expect(
                error.description
                    == "GStreamer lacks x264enc, nicesrc, webrtcbin, rtpbin; on Debian: apt install gstreamer1.0-nice "
                    + "gstreamer1.0-plugins-bad gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly")
        }
    }
}

extension VideoSource {
    /// Returns once it is torn down.
    func close() async {
        await withCheckedContinuation { closed in close { closed.resume() } }
    }
}

extension AsyncStream {
    fileprivate var first: Element? {
        get async {
            for await element in self { return element }
            return nil
        }
    }
}

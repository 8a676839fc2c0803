// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Timing

/// What happens to a video source, told on the loop.
package enum VideoEvent: Equatable, Sendable {
    /// Told every 60 frames sent.
    case reading(FrameMeter.Reading)
    case repeated
    /// The clip is over.
    case ended
    /// Once; no more frames come.
    case failed(String)
}

/// A camera's lens and encoder: one pipeline for all of its connections, since a phone's camera goes on, too.
@MainLoop
package final class VideoSource {
    package let settings: VideoSettings
    let feed: FrameFeed
    private let events: (VideoEvent) -> Void
    private let pipeline: GObjectRef<Element>
    private var connections: [SignalConnection] = []
    /// The formats that no plugin was found for.
    private var missing: String?
    private var isOver = false

    /// GStreamer must have been started. Close the source before letting it go.
    package init(_ settings: VideoSettings, events: @escaping @MainLoop (VideoEvent) -> Void) throws(MediaError) {
        try GStreamer.require(settings.elements)
        self.settings = settings
        self.events = events
        pipeline = try Element.pipeline(settings.pipeline)
        let encoder = try pipeline.pointer.part(named: "encoder")
        Pace.keep(into: encoder.pointer)
        feed = FrameFeed(from: encoder)
        watchMessages()
        connectFrames(of: try pipeline.pointer.part(named: "sink"))
        if case .clip(let clip) = settings.scene { try connectDecoder(of: clip) }
        gst_element_set_state(pipeline.pointer, GST_STATE_PLAYING)
    }

    /// Ends it on a thread of its own; nothing is told from then on but that it is `closed`.
    package func close(closed: @escaping @MainLoop () -> Void) {
        isOver = true
        for connection in connections { connection.cancel() }
        connections = []
        let pipeline = LastReference(pipeline)
        Teardown.begin({ pipeline.tearDown() }) { if case .done = $0 { closed() } }
    }

    // MARK: - What the pipeline tells, on threads of its own

    private func watchMessages() {
        PipelineMessages.handle(of: pipeline.pointer) { [weak self] message in
            if let error = message.error { MainLoop.post { self?.fail(error) } }
            if let name = message.missingPlugin { MainLoop.post { self?.missing = name } }
            if cgst_message_type(message) == GST_MESSAGE_EOS { MainLoop.post { self?.reachedEnd() } }
        }
    }

    private func connectFrames(of sink: GObjectRef<Element>) {
        connections.append(
            SignalConnection(sink, onAnyThread: "handoff") { [weak self, feed] in
                guard let frame = $0.pointer(0), let reading = feed.send(frame.assumingMemoryBound(to: GstBuffer.self))
                else { return }
                MainLoop.post { self?.emit(.reading(reading)) }
            })
    }

    private func connectDecoder(of clip: VideoSettings.Clip) throws(MediaError) {
        try pipeline.pointer.part(named: "clip").setProperty("location", clip.path)
        let decoder = try pipeline.pointer.part(named: "decoder")
        let raw = try pipeline.pointer.part(named: "raw")
        connections.append(
            SignalConnection(decoder, onAnyThread: "pad-added") {
                guard let pad = $0.pointer(0), let sink = gst_element_get_static_pad(raw.pointer, "sink") else {
                    return
                }
                // The place is taken if there is a second video stream.
                gst_pad_link(pad.assumingMemoryBound(to: GstPad.self), sink)
                gst_object_unref(sink)
            })
    }

    // MARK: - What follows from it, on the loop

    private func reachedEnd() {
        guard !isOver, case .clip(let clip) = settings.scene else { return }
        switch clip.end {
        case .stops: end(with: .ended)
        case .repeats:
            // Not every clip is seekable.
            gst_element_set_state(pipeline.pointer, GST_STATE_READY)
            gst_element_set_state(pipeline.pointer, GST_STATE_PLAYING)
            emit(.repeated)
        }
    }

    private func fail(_ error: GLibError) {
        switch settings.scene {
        case .pattern: end(with: .failed(error.message))
        case .clip(let clip): end(with: .failed("cannot play \(clip.path): \(trouble(with: error))"))
        }
    }

    private func trouble(with error: GLibError) -> String {
        if let missing { return "GStreamer has no \(missing); on Debian: apt install gstreamer1.0-libav" }
        // As only video is decoded, a decoder is reported missing for every sound.
        let isMissing =
            error.domain == "gst-core-error-quark" && error.code == Int(GST_CORE_ERROR_MISSING_PLUGIN.rawValue)
        return isMissing ? "there is no video in it" : error.message
    }

    private func end(with event: VideoEvent) {
        emit(event)
        isOver = true
    }

    private func emit(_ event: VideoEvent) {
        if !isOver { events(event) }
    }
}

// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import Glibc
import MainLoop
import Signaling
import Synchronization
import Testing
import Timing

@testable import Media

@MainLoop
@Suite("A camera's stream", .serialized, .timeLimit(.minutes(3)))
struct CameraStreamTests {
    @Test func `outputs stay through a zombie, a reconnect, another codec and another size of pictures`() async throws {
        let stream = CameraStream()
        let (counted, decoded) = (Recorder(), Recorder())
        let counting = Attached(counted.counting(), to: stream)
        let decoding = Attached(decoded.decoding(), to: stream)

        let first = try Call(.vp8, stream: stream)
        let zombie = try await first.connect()
        await frames(30, in: counted, decoded)
        // Its frames stop, and ICE does not notice.
        zombie.sender?.stopFrames()
        let reconnected = try await first.connect()
        await zombie.end()
        await frames(30, in: counted, decoded)
        await reconnected.end()
        await first.end()

        let second = try Call(.h264, stream: stream)
        let otherCodec = try await second.connect()
        await frames(30, in: counted, decoded)
        await otherCodec.end()
        await second.end()

        let third = try Call(.h264, size: VideoSettings.Size(width: 320, height: 240), stream: stream)
        let larger = try await third.connect()
        await frames(30, in: counted, decoded)
        await counting.end()
        await decoding.end()
        await larger.end()
        await third.end()

        #expect(counted.formats == ["video/x-vp8 160x120", "video/x-h264 160x120", "video/x-h264 320x240"])
        #expect(decoded.formats == ["video/x-raw 160x120", "video/x-raw 320x240"])
        for recorder in [counted, decoded] {
            #expect(recorder.pipelines == [1, 2])
            #expect(recorder.sessions == 4)
            #expect(recorder.timesGoOn && recorder.keyframesComeFirst)
        }
        #expect(counting.failures == [] && decoding.failures == [])
    }

    @Test func `a session that changes its codec brings keyframes of the new one first`() async throws {
        let meeting = try Meeting(.vp8)
        let recorder = Recorder()
        let counting = Attached(recorder.counting(), to: meeting.stream)
        await recorder.more(30)
        try meeting.camera.change(to: .h264)
        await recorder.more(30)
        await counting.end()
        await meeting.end()
        #expect(recorder.formats == ["video/x-vp8 160x120", "video/x-h264 160x120"])
        #expect(recorder.keyframesComeFirst && recorder.timesGoOn)
        #expect(meeting.told.filter { $0 == .firstFrame }.count == 1)
    }

    @Test func `a session has a depayloader for as long as somebody wants frames`() async throws {
        let meeting = try Meeting(.vp8)
        await meeting.reach(.firstFrame)
        for _ in 1...2 {
            #expect(meeting.peer.parts("rtpvp8depay").isEmpty)
            let recorder = Recorder()
            let counting = Attached(recorder.counting(), to: meeting.stream)
            await recorder.more(10)
            #expect(meeting.peer.parts("rtpvp8depay").count == 1)
            #expect(recorder.frames.first?.given.isKeyframe == true)
            await counting.end()
            let total = meeting.tap.meter.total
            // The second packet from now on is one that nobody wants.
            for await reading in meeting.readings { if reading.total > total + 1 { break } }
        }
        #expect(meeting.peer.parts("rtpvp8depay").isEmpty)
        await meeting.end()
    }

    @Test
    func `who joins in the middle begins with the keyframe that is kept, without asking for another`() async throws {
        let call = try Call()
        let connection = try await call.connect()
        let (early, late) = (Recorder(), Recorder())
        let first = Attached(early.counting(), to: call.stream)
        await early.more(30)
        let second = Attached(late.counting(), to: call.stream)
        await late.more(30)
        await first.end()
        await second.end()
        #expect(early.frames.first?.given.isKeyframe == true && late.frames.first?.given.isKeyframe == true)
        #expect(early.timesGoOn && late.timesGoOn)
        await connection.end()
        await call.end()
    }

    @Test func `an output that can't be made is tried again and again, and ends all the same`() async throws {
        let call = try Call()
        let connection = try await call.connect()
        let output = Attached(OutputRecipe("impossible") { _ in "nosuchelement" }, to: call.stream)
        await output.began(4)
        #expect(output.failures.count >= 3)
        #expect(output.failures.allSatisfy { $0.owner == .output("impossible") })
        await output.end()
        await connection.end()
        await call.end()
    }

    @Test
    func `outputs that sleep, fail or hang in teardown touch neither the watch nor another output`() async throws {
        let call = try Call()
        let connection = try await call.connect()
        let good = Recorder()
        let counting = Attached(good.counting(), to: call.stream)
        let gate = Gate()
        let sleeping = Attached(
            OutputRecipe("sleeping") { _ in "identity sleep-time=20000000 ! fakesink async=false" }, to: call.stream)
        let failing = Attached(
            OutputRecipe("failing") { _ in "identity error-after=100 ! fakesink async=false" }, to: call.stream)
        let hanging = Attached(gate.blocking("hanging"), to: call.stream)
        var impatient = OutputCore.Policy()
        impatient.startLimit = .milliseconds(100)
        let unmade = Attached(gate.blockingMaking("unmade"), to: call.stream, core: OutputCore(policy: impatient))

        await gate.reached()
        hanging.output.end()
        await good.more(450)
        await failing.began(2)
        for output in [hanging, unmade] { for await event in output.events { if event == .closingLate { break } } }
        #expect(unmade.told.contains(.blocked))

        let watch = call.tap.meter
        #expect(watch.total >= 450)
        #expect(watch.fps(at: MainLoop.now) > 0)
        // It still sleeps.
        #expect(sleeping.output.given <= 2)
        #expect(good.timesGoOn)
        let fault = try #require(failing.failures.first)
        #expect(fault.owner == .output("failing") && fault.element == "identity")
        print("largest interval of the good output: \(good.largestInterval) s, the watch: \(watch.intervals)")

        gate.open()
        for await event in hanging.events { if event == .ended { break } }
        for output in [counting, failing, sleeping, unmade] { await output.end() }
        await connection.end()
        await call.end()
    }

    @Test func `an output that its owner ends as it hears of the beginning leaves nothing unfinished`() async throws {
        let call = try Call()
        let connection = try await call.connect()
        let (events, event) = AsyncStream.makeStream(of: StreamOutput.Event.self)
        var output: StreamOutput?
        output = StreamOutput(Recorder().counting(), of: call.stream) {
            event.yield($0)
            if case .began = $0 { output?.end() }
            if $0 == .ended { event.finish() }
        }
        let told = await Array(events)
        #expect(told.count == 2 && told.last == .ended)
        output = nil
        await connection.end()
        await call.end()
    }

    @Test func `a thread that a session left runs on any core once it is an output's`() async throws {
        let call = try Call()
        try await call.connect().end()
        await call.end()
        let recorder = Recorder()
        let counting = Attached(recorder.counting(), to: call.stream)
        call.stream.begin(session: 2, askForKeyframe: nil)
        let caps = try #require(gst_caps_from_string("video/x-vp8,width=16,height=16"))
        let frame = try #require(gst_buffer_new_allocate(nil, 16, nil))
        call.stream.take(
            frame, MiniObject(retaining: caps), StreamFormat(caps, of: .vp8), at: .zero, sent: 0, session: 2)
        gst_buffer_unref(frame)
        gst_caps_unref(caps)
        await recorder.more(1)
        #expect(!recorder.isBatch)
        await counting.end()
    }

    @Test func `what can't be linked is taken away again, and not tried for each packet`() async throws {
        try GStreamer.start()
        let stream = CameraStream()
        let counting = Attached(Recorder().counting(), to: stream)
        let pipeline = try Element.pipeline("identity name=source ! fakesink")
        let faults = Mutex<[Fault]>([])
        try pipeline.pointer.part(named: "source").pointer.withPad("src") { pad in
            if let sink = gst_pad_get_peer(pad) {
                gst_pad_unlink(pad, sink)
                gst_object_unref(sink)
            }
            gst_pad_set_active(pad, 1)
            gst_pad_push_event(pad, gst_event_new_stream_start("packets"))
            let caps = gst_caps_from_string("application/x-rtp,media=video,clock-rate=90000,encoding-name=VP8")
            gst_pad_push_event(pad, gst_event_new_caps(caps))
            gst_caps_unref(caps)
            gst_pad_set_link_function_full(pad, { _, _, _ in GST_PAD_LINK_REFUSED }, nil, nil)
            let inlet = StreamInlet(behind: pad, to: stream, session: 1) { fault in faults.withLock { $0.append(fault) }
            }
            #expect(inlet?.admitPackets(from: pad) == false && inlet?.admitPackets(from: pad) == false)
            gst_pad_set_active(pad, 0)
        }
        let told = faults.withLock(\.self)
        #expect(told.map(\.owner) == [.stream])
        #expect(pipeline.pointer.children == 2)
        LastReference(pipeline).tearDown()
        await counting.end()
    }

    private func frames(_ count: Int, in recorders: Recorder...) async {
        for recorder in recorders { await recorder.more(count) }
    }
}

/// An output of a test, with what it told.
@MainLoop
private final class Attached {
    let output: StreamOutput
    let events: AsyncStream<StreamOutput.Event>
    private let heard = Heard()

    init(_ recipe: OutputRecipe, to stream: CameraStream, core: OutputCore = OutputCore()) {
        let (events, event) = AsyncStream.makeStream(of: StreamOutput.Event.self)
        self.events = events
        output = StreamOutput(recipe, of: stream, core: core) { [heard] in
            heard.events.append($0)
            event.yield($0)
        }
    }

    var told: [StreamOutput.Event] { heard.events }

    var failures: [Fault] {
        told.compactMap { if case .failed(let fault, _) = $0 { fault } else { nil } }
    }

    /// Returns once its pipeline of this number has begun.
    func began(_ number: Int) async {
        var count = told.count { if case .began = $0 { true } else { false } }
        guard count < number else { return }
        count = 0
        for await event in events {
            if case .began = event { count += 1 }
            if count == number { return }
        }
    }

    func end() async {
        output.end()
        for await event in events { if event == .ended { return } }
    }

    private final class Heard {
        var events: [StreamOutput.Event] = []
    }
}

extension Element {
    /// How many elements this bin has.
    fileprivate var children: Int {
        Int(raw.assumingMemoryBound(to: GstBin.self).pointee.numchildren)
    }
}

extension Recorder.Frame {
    /// Whether the other is of the same session: the sender's times begin anywhere in each.
    fileprivate func isFollowed(by other: Recorder.Frame) -> Bool {
        Int32(bitPattern: other.given.sent &- given.sent).magnitude < 10 * 90_000
    }
}

/// Holds up whoever comes to it until it is opened.
private final class Gate: Sendable {
    private let pipe: (reading: CInt, writing: CInt)
    private let arrivals = AsyncStream.makeStream(of: Void.self)

    init() {
        var ends: [CInt] = [-1, -1]
        _ = Glibc.pipe(&ends)
        pipe = (ends[0], ends[1])
    }

    func blocking(_ name: String) -> OutputRecipe {
        OutputRecipe(name) { _ in
            "fakesink name=sink async=false"
        } furnish: { [self] pipeline throws(MediaError) in
            try pipeline.part(named: "sink").pointer.withPad("sink") {
                PadProbe.add(to: $0, on: GST_PAD_PROBE_TYPE_BUFFER) { [self] _, _ in
                    arrivals.continuation.yield()
                    wait()
                    return GST_PAD_PROBE_OK
                }
            }
        }
    }

    func blockingMaking(_ name: String) -> OutputRecipe {
        OutputRecipe(name) { _ in
            "fakesink async=false"
        } furnish: { [self] _ throws(MediaError) in
            wait()
        }
    }

    /// Until the other end is closed.
    private func wait() {
        var byte: UInt8 = 0
        read(pipe.reading, &byte, 1)
    }

    func reached() async { for await _ in arrivals.stream { return } }
    func open() { close(pipe.writing) }
}

extension Recorder {
    /// Each that was another than the one before.
    fileprivate var formats: [String] {
        frames.reduce(into: []) { if $0.last != $1.format { $0.append($1.format) } }
    }

    fileprivate var pipelines: [Int] {
        frames.reduce(into: []) { if $0.last != $1.pipeline { $0.append($1.pipeline) } }
    }

    private var steps: Zip2Sequence<[Frame], ArraySlice<Frame>> { zip(frames, frames.dropFirst()) }

    /// Neither back nor standing, and no frame came twice.
    fileprivate var timesGoOn: Bool {
        Set(frames.map(\.given.sent)).count == frames.count
            && steps.allSatisfy { $0.pipeline != $1.pipeline || $0.time < $1.time }
    }

    fileprivate var sessions: Int { 1 + steps.count { !$0.isFollowed(by: $1) } }

    /// In each session, pipeline and format.
    fileprivate var keyframesComeFirst: Bool {
        frames.first?.given.isKeyframe == true
            && steps.allSatisfy {
                ($0.isFollowed(by: $1) && $0.pipeline == $1.pipeline && $0.format == $1.format) || $1.given.isKeyframe
            }
    }

    fileprivate var largestInterval: Double {
        zip(frames, frames.dropFirst()).map { $0.arrived.duration(to: $1.arrived).inSeconds }.max() ?? 0
    }
}

// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import Glibc
import MainLoop
import Signaling
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
            #expect(recorder.timesGoOn)
        }
        #expect(counted.keyframesComeFirst)
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
            #expect(recorder.frames.first?.isKeyframe == true)
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
        #expect(early.frames.first?.isKeyframe == true && late.frames.first?.isKeyframe == true)
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

        await gate.reached()
        hanging.output.end()
        await good.more(450)
        await failing.began(2)
        for await event in hanging.events { if event == .closingLate { break } }

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
        for output in [counting, failing, sleeping] { await output.end() }
        await connection.end()
        await call.end()
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
    private let told = Told()

    init(_ recipe: OutputRecipe, to stream: CameraStream) {
        let (events, event) = AsyncStream.makeStream(of: StreamOutput.Event.self)
        self.events = events
        output = StreamOutput(recipe, of: stream) { [told] in
            told.events.append($0)
            event.yield($0)
        }
    }

    var failures: [Fault] {
        told.events.compactMap { if case .failed(let fault, _) = $0 { fault } else { nil } }
    }

    /// Returns once its pipeline of this number has begun.
    func began(_ number: Int) async {
        var count = told.events.count { if case .began = $0 { true } else { false } }
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

    private final class Told {
        var events: [StreamOutput.Event] = []
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
                    // Until the other end is closed.
                    var byte: UInt8 = 0
                    read(pipe.reading, &byte, 1)
                    return GST_PAD_PROBE_OK
                }
            }
        }
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

    /// Neither back nor standing, which a frame that came twice would do.
    fileprivate var timesGoOn: Bool {
        zip(frames, frames.dropFirst()).allSatisfy { $0.pipeline != $1.pipeline || $0.time < $1.time }
    }

    /// After each beginning and each other format.
    fileprivate var keyframesComeFirst: Bool {
        frames.first?.isKeyframe == true
            && zip(frames, frames.dropFirst()).allSatisfy { $0.format == $1.format || $1.isKeyframe }
    }

    fileprivate var largestInterval: Double {
        zip(frames, frames.dropFirst()).map { $0.arrived.duration(to: $1.arrived).inSeconds }.max() ?? 0
    }
}

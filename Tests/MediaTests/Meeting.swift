// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling
import Testing
import Timing

@testable import Media

/// A test camera and a peer that speak to each other over loopback.
@MainLoop
final class Meeting {
    enum Stage: CaseIterable {
        case beforeOffer, offered, answered, checking, connected
    }

    let camera: TestCamera
    let peer: WebRTCPeer
    let tap = FrameTap()
    let stream = CameraStream()
    let events: AsyncStream<PeerEvent>
    let readings: AsyncStream<FrameMeter.Reading>
    let messages: AsyncStream<[UInt8]>
    private(set) var negotiation: Negotiation?
    private(set) var answer: SessionDescription?
    private(set) var told: [PeerEvent] = []
    private(set) var droppedCandidates: [ICECandidate.Flaw] = []
    /// What becomes of an answer on its way to the camera.
    lazy var deliver: (String) -> Void = { [camera] in camera.take(answer: $0) }

    /// `rewrite` changes what the peer sees of the offer.
    init(
        _ codec: VideoCodec = .vp8, withAudio: Bool = false, withDataChannel: Bool = false,
        rewrite: @escaping @MainLoop (String) -> String = { $0 }
    ) throws {
        let (readings, reading) = AsyncStream.makeStream(of: FrameMeter.Reading.self)
        let (events, event) = AsyncStream.makeStream(of: PeerEvent.self)
        let (messages, message) = AsyncStream.makeStream(of: [UInt8].self)
        (self.readings, self.events, self.messages) = (readings, events, messages)
        tap.announceReadings { reading.yield($0) }
        camera = try TestCamera(codec, withAudio: withAudio, withDataChannel: withDataChannel)
        let told = Told()
        peer = try WebRTCPeer(configuration: .loopback, session: 1, tap: tap, stream: stream) {
            told.handler($0)
            event.yield($0)
        }
        told.handler = { [weak self] in self?.peerTold($0) }
        camera.events = { [weak self] in
            switch $0 {
            case .offer(let text): self?.offered(rewrite(text))
            // From 1.24 on an empty one says that there are no more.
            case .candidate("", _): break
            case .candidate(let candidate, let section): self?.trickled(candidate, section: section)
            case .message(let bytes): message.yield(bytes)
            }
        }
    }

    /// Returns once `event` was told; anything that failed before is an issue.
    func reach(_ event: PeerEvent) async {
        for await told in events {
            if told == event { return }
            if case .failed(let why) = told { Issue.record("failed before \(event): \(why)") }
        }
    }

    func reach(_ stage: Stage) async {
        switch stage {
        case .beforeOffer: break
        case .offered: await reach(.remoteDescriptionSet)
        case .answered: for await told in events { if case .localDescription = told { return } }
        case .checking: await reach(.iceState(.checking))
        case .connected: await reach(.connectionState(.connected))
        }
    }

    func statistics(within limit: Duration) async -> PeerStatistics? { await peer.statistics(within: limit) }

    /// How it failed, unless frames came.
    func failure() async -> PeerFailure? {
        for await told in events {
            if case .failed(let why) = told { return why }
            if told == .firstFrame { return nil }
        }
        return nil
    }

    /// Returns once everything is torn down.
    func end() async {
        peer.close()
        for await told in events { if case .closed = told { break } }
        await camera.close()
    }

    func trickled(_ candidate: String, section: Int) {
        do {
            peer.add(try ICECandidate(parsing: candidate), section: section)
        } catch {
            droppedCandidates.append(error)
        }
    }

    private func offered(_ text: String) {
        do {
            let negotiation = try Negotiation(offered: text, preferring: VideoCodec.allCases)
            self.negotiation = negotiation
            peer.answer(negotiation)
        } catch {
            Issue.record("a test camera's offer was refused: \(error)")
        }
    }

    private func peerTold(_ event: PeerEvent) {
        told.append(event)
        switch event {
        case .localDescription(let text):
            answer = try? SessionDescription(parsing: text)
            deliver(text)
        case .candidate(let candidate, let section): camera.add(candidate: candidate, section: section)
        default: break
        }
    }
}

/// Lets time go by, where the point is that nothing happens in it.
@MainLoop
func pass(_ duration: Duration) async {
    await withCheckedContinuation { continuation in
        var deadline: Deadline?
        deadline = Deadline {
            deadline = nil
            continuation.resume()
        }
        deadline?.arm(at: MainLoop.now + duration)
    }
}

extension WebRTCPeer {
    /// How many packets in a row each jitter buffer begins with.
    var fastStarts: [Int] { parts("rtpjitterbuffer").map { $0.property("faststart-min-packets") } }

    /// What its pipeline has of one kind of element.
    func parts(_ kind: String) -> [GObjectRef<OpaquePointer>] {
        guard let webrtcbin = connection.webrtcbin,
            let pipeline = gst_object_get_parent(webrtcbin.pointer.raw.assumingMemoryBound(to: GstObject.self))
        else { return [] }
        defer { gst_object_unref(pipeline) }
        let iterator = gst_bin_iterate_all_by_element_factory_name(
            pipeline.raw.assumingMemoryBound(to: GstBin.self), kind)
        defer { gst_iterator_free(iterator) }
        var found: [GObjectRef<OpaquePointer>] = []
        var value = GValue()
        while gst_iterator_next(iterator, &value) == GST_ITERATOR_OK {
            if let part = g_value_get_object(&value) { found.append(GObjectRef(retaining: OpaquePointer(part))) }
            g_value_reset(&value)
        }
        g_value_unset(&value)
        return found
    }

    func statistics(within limit: Duration) async -> PeerStatistics? {
        await withCheckedContinuation { continuation in
            statistics(within: limit) { continuation.resume(returning: $0) }
        }
    }
}

extension PeerConfiguration {
    static var loopback: PeerConfiguration {
        var configuration = PeerConfiguration()
        configuration.localAddresses = ["127.0.0.1"]
        return configuration
    }
}

@MainLoop
private final class Told {
    var handler: @MainLoop (PeerEvent) -> Void = { _ in }
}

extension Array where Element: Sendable {
    init(_ elements: AsyncStream<Element>) async {
        self = []
        for await element in elements { append(element) }
    }
}

/// What GLib and GStreamer warned of since the first look.
@MainLoop
enum Complaints {
    static var all: [String] {
        _ = listening
        return heard
    }
    private static var heard: [String] = []
    private static let listening: Void = LibraryLog.capture { heard.append("\($0): \($1)") }
}

// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Testing
import Timing

@testable import Media

/// A camera of our own and the peers that receive it, over loopback, one connection after another.
@MainLoop
final class Call {
    let source: VideoSource
    let tap = FrameTap()
    let stream: CameraStream
    let readings: AsyncStream<FrameMeter.Reading>
    private var connections = 0

    init(
        _ codec: VideoCodec = .h264, size: VideoSettings.Size = VideoSettings.Size(width: 160, height: 120),
        stream: CameraStream = CameraStream()
    ) throws {
        try GStreamer.start()
        self.stream = stream
        let (readings, reading) = AsyncStream.makeStream(of: FrameMeter.Reading.self)
        self.readings = readings
        tap.announceReadings { reading.yield($0) }
        var settings = VideoSettings()
        settings.codec = codec
        settings.size = size
        source = try VideoSource(settings) { if case .failed(let why) = $0 { Issue.record("no video: \(why)") } }
    }

    /// A connection on which frames come; `rewrite` changes what the camera sees of the answer.
    func connect(sound: Sound = .none) async throws -> Connection {
        let connection = try dial(sound: sound)
        await connection.send(.connectionState(.connected))
        connection.sender?.startFrames()
        await connection.receive(.firstFrame)
        return connection
    }

    /// A connection that is on its way.
    func dial(
        sound: Sound = .none, rewritingAnswer rewrite: @escaping @MainLoop (String) -> String = { $0 }
    ) throws -> Connection {
        connections += 1
        return try Connection(of: self, number: connections, sound: sound, rewrite)
    }

    func end() async {
        await source.close()
    }
}

/// Both ends of one connection.
@MainLoop
final class Connection {
    let sent: AsyncStream<PeerEvent>
    let received: AsyncStream<PeerEvent>
    /// What the receiver told so far.
    private(set) var told: [PeerEvent] = []
    private(set) var offer: SessionDescription?
    private(set) var sender: SendingPeer?
    private(set) var receiver: WebRTCPeer?

    fileprivate init(
        of call: Call, number: Int, sound: Sound, _ rewrite: @escaping @MainLoop (String) -> String
    ) throws {
        let (sent, sentEvent) = AsyncStream.makeStream(of: PeerEvent.self)
        let (received, receivedEvent) = AsyncStream.makeStream(of: PeerEvent.self)
        (self.sent, self.received) = (sent, received)
        sender = try SendingPeer(configuration: .loopback, source: call.source, sound: sound) { [weak self] in
            sentEvent.yield($0)
            switch $0 {
            case .localDescription(let text): self?.offered(text)
            case .candidate(let line, let section): self?.receiver?.add(line, section: section)
            default: break
            }
        }
        receiver = try WebRTCPeer(configuration: .loopback, session: number, tap: call.tap, stream: call.stream) {
            [weak self] in
            receivedEvent.yield($0)
            self?.told.append($0)
            switch $0 {
            case .localDescription(let text): self?.answered(rewrite(text))
            case .candidate(let line, let section): self?.sender?.add(line, section: section)
            default: break
            }
        }
    }

    /// Returns once the sender was told `event`; what else failed before is an issue.
    func send(_ event: PeerEvent) async {
        for await told in sent {
            if told == event { return }
            if case .failed(let why) = told { Issue.record("failed before \(event): \(why)") }
        }
    }

    /// Returns once the receiver was told `event`; what failed before is an issue.
    func receive(_ event: PeerEvent) async {
        for await told in received {
            if told == event { return }
            if case .failed(let why) = told { Issue.record("failed before \(event): \(why)") }
        }
    }

    /// How the sender failed, unless it connected.
    func failure() async -> PeerFailure? {
        for await told in sent {
            if case .failed(let why) = told { return why }
            if told == .connectionState(.connected) { return nil }
        }
        return nil
    }

    /// Returns once everything is torn down.
    func end() async {
        sender?.close()
        receiver?.close()
        for await told in sent { if case .closed = told { break } }
        for await told in received { if case .closed = told { break } }
    }

    private func offered(_ text: String) {
        do {
            let negotiation = try Negotiation(offered: text, preferring: VideoCodec.allCases)
            offer = negotiation.received
            receiver?.answer(negotiation)
        } catch {
            Issue.record("the offer was refused: \(error)")
        }
    }

    private func answered(_ text: String) {
        do { sender?.take(try SessionDescription(parsing: text)) } catch {
            Issue.record("the answer makes no sense: \(error)")
        }
    }
}

extension WebRTCPeer {
    fileprivate func add(_ line: String, section: Int) {
        if let candidate = try? ICECandidate(parsing: line) { add(candidate, section: section) }
    }
}

extension SendingPeer {
    fileprivate func add(_ line: String, section: Int) {
        if let candidate = try? ICECandidate(parsing: line) { add(candidate, section: section) }
    }
}

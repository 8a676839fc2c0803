// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Testing
import Timing
import Watchdog

@testable import Media

/// A camera of our own and the peer that receives it, over loopback, for one connection after another.
@MainLoop
final class Call {
    let source: VideoSource
    let videoEvents: AsyncStream<VideoEvent>
    let tap: FrameTap
    let readings: AsyncStream<FrameMeter.Reading>
    private(set) var connections = 0

    init(_ settings: VideoSettings) throws {
        try GStreamer.start()
        let (videoEvents, videoEvent) = AsyncStream.makeStream(of: VideoEvent.self)
        let (readings, reading) = AsyncStream.makeStream(of: FrameMeter.Reading.self)
        (self.videoEvents, self.readings) = (videoEvents, readings)
        tap = FrameTap { reading.yield($0) }
        source = try VideoSource(settings) { videoEvent.yield($0) }
    }

    /// Connects; frames are not sent yet.
    func connect(
        sound: Sound = .none, rewritingAnswer rewrite: @escaping @MainLoop (String) -> String = { $0 }
    ) throws -> Connection {
        connections += 1
        return try Connection(of: self, number: connections, sound: sound, rewrite)
    }

    /// Both ends of one connection.
    @MainLoop
    final class Connection {
        let sent: AsyncStream<SendingPeerEvent>
        let received: AsyncStream<PeerEvent>
        private(set) var offer: SessionDescription?
        private(set) var sender: SendingPeer?
        private(set) var receiver: WebRTCPeer?

        init(of call: Call, number: Int, sound: Sound, _ rewrite: @escaping @MainLoop (String) -> String) throws {
            let (sent, sentEvent) = AsyncStream.makeStream(of: SendingPeerEvent.self)
            let (received, receivedEvent) = AsyncStream.makeStream(of: PeerEvent.self)
            (self.sent, self.received) = (sent, received)
            receiver = try WebRTCPeer(configuration: .loopback, session: number, tap: call.tap) { [weak self] in
                receivedEvent.yield($0)
                switch $0 {
                case .answer(let text): self?.answered(rewrite(text))
                case .candidate(let line, let section):
                    self?.add(line, section, to: { $0.sender?.add($1, section: $2) })
                default: break
                }
            }
            do {
                sender = try SendingPeer(configuration: .loopback, source: call.source, sound: sound) { [weak self] in
                    sentEvent.yield($0)
                    switch $0 {
                    case .offer(let text): self?.offered(text)
                    case .candidate(let line, let section):
                        self?.add(line, section, to: { $0.receiver?.add($1, section: $2) })
                    default: break
                    }
                }
            } catch {
                receiver?.close()
                throw error
            }
        }

        /// Returns once the sender was told `event`; what failed before is an issue.
        func reach(_ event: SendingPeerEvent) async {
            for await told in sent {
                if told == event { return }
                if case .failed(let why) = told { Issue.record("failed before \(event): \(why)") }
            }
        }

        func end() async {
            sender?.close()
            receiver?.close()
            for await told in sent { if case .closed = told { break } }
            for await told in received { if case .closed = told { break } }
        }

        private func offered(_ text: String) {
            do {
                let offer = try SessionDescription(parsing: text)
                self.offer = offer
                receiver?.answer(offer, video: try offer.videoChoice(preferring: VideoCodec.allCases))
            } catch {
                Issue.record("the offer was refused: \(error)")
            }
        }

        private func answered(_ text: String) {
            if let answer = try? SessionDescription(parsing: text) { sender?.take(answer) }
        }

        private func add(_ line: String, _ section: Int, to peer: (Connection, ICECandidate, Int) -> Void) {
            if let candidate = try? ICECandidate(parsing: line) { peer(self, candidate, section) }
        }
    }
}

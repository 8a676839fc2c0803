// SPDX-License-Identifier: Apache-2.0

import Glibc
import MainLoop
import Media
import Signaling

/// What receiving costs with our peers and taps. See sender.c for the conversation.
@main
struct ReceiveBenchmark {
    static func main() throws {
        try GStreamer.start()
        while let line = readLine() { MainLoop.post { Receivers.shared.take(line) } }
    }
}

@MainLoop
private final class Receivers {
    static let shared = Receivers()

    private var peers: [Int: (peer: WebRTCPeer, tap: FrameTap)] = [:]

    func take(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 2)
        let number = words.dropFirst().first.flatMap { Int($0) } ?? 0
        switch words.first {
        case "offer": offered(String(words[2]).replacing("\t", with: "\r\n"), number: number)
        case "ice":
            let parts = words[2].split(separator: " ", maxSplits: 1)
            guard let section = Int(parts[0]), let candidate = try? ICECandidate(parsing: String(parts[1])) else {
                return
            }
            peers[number]?.peer.add(candidate, section: section)
        default: say("frames \(peers.values.reduce(0) { $0 + $1.tap.meter.total })")
        }
    }

    private func offered(_ text: String, number: Int) {
        var configuration = PeerConfiguration()
        configuration.localAddresses = ["127.0.0.1"]
        let tap = FrameTap { _ in }
        do {
            let peer = try WebRTCPeer(configuration: configuration, session: number, tap: tap) { [self] in
                told($0, number: number)
            }
            peers[number] = (peer, tap)
            let offer = try SessionDescription(parsing: text)
            peer.answer(offer, video: try offer.videoChoice(preferring: VideoCodec.allCases))
        } catch {
            say("error \(number) \(error)")
        }
    }

    private func told(_ event: PeerEvent, number: Int) {
        switch event {
        case .answer(let text): say("answer \(number) \(text.replacing("\r\n", with: "\t"))")
        case .candidate(let candidate, let section): say("ice \(number) \(section) \(candidate)")
        case .firstFrame: say("first \(number)")
        case .failed(let why): say("error \(number) \(why)")
        default: break
        }
    }

    private func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        write(1, bytes, bytes.count)
    }
}

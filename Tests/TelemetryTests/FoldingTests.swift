// SPDX-License-Identifier: Apache-2.0

import Telemetry
import Testing
import Text
import Timing

struct FoldingTests {
    let refused = Event.relay(.admissionRefused(status: 401, "no_token"))
    let dropped = Event.relay(.messageDropped(from: .viewer(id: "v1"), "not_json", detail: "text", .first))
    var folding = Folding()

    func seconds(_ seconds: Double) -> Instant { Instant(sinceOrigin: .seconds(seconds)) }

    func lines(_ records: [Record]) -> [String] { records.compactMap { LineFormat().line(for: $0) } }

    @Test mutating func `the first passes at once, the rest are told at the end of the second`() {
        #expect(lines(folding.handle(refused.record(), at: seconds(7))).count == 1)
        #expect(folding.nextDeadline == nil)
        for _ in 0..<3 { #expect(folding.handle(refused.record(), at: seconds(7.5)) == []) }
        let other = Event.relay(.admissionRefused(status: 404, "unknown_path"))
        #expect(folding.handle(other.record(), at: seconds(7.6)) == [other.record()])
        let last = Event.relay(.admissionRefused(status: 403, "no_token"))
        #expect(folding.handle(last.record(), at: seconds(7.9)) == [])
        #expect(folding.nextDeadline == seconds(8))
        #expect(folding.tick(at: seconds(7.99)) == [])
        #expect(
            lines(folding.tick(at: seconds(8))) == [
                "14:50:00 [WARNING] 🚫 Refused a connection with 403: no_token (5 times in the last second)"
            ])
        #expect(folding.nextDeadline == nil)
        #expect(folding.tick(at: seconds(9)) == [])
    }

    @Test mutating func `a repetition after the second is a first again`() {
        #expect(folding.handle(refused.record(), at: seconds(0)) == [refused.record()])
        #expect(folding.handle(refused.record(), at: seconds(1)) == [refused.record()])
        #expect(folding.handle(refused.record(), at: seconds(1.5)) == [])
        #expect(folding.nextDeadline == seconds(2))
    }

    @Test mutating func `what was held back comes before what follows, without a tick`() {
        _ = folding.handle(refused.record(), at: seconds(0))
        _ = folding.handle(refused.record(), at: seconds(0.1))
        let later = folding.handle(Event.receiver(.paused).record(), at: seconds(3))
        #expect(later.map(\.times) == [2, 1])
        #expect(later.map(\.event) == [refused, .receiver(.paused)])
    }

    @Test mutating func `other names and other cameras are other trouble`() {
        #expect(folding.handle(refused.record(camera: "a"), at: seconds(0)).count == 1)
        #expect(folding.handle(refused.record(camera: "b"), at: seconds(0)).count == 1)
        #expect(folding.handle(refused.record(), at: seconds(0)).count == 1)
        #expect(folding.handle(dropped.record(camera: "a"), at: seconds(0)).count == 1)
        #expect(folding.handle(dropped.record(camera: "a"), at: seconds(0)).count == 0)
    }

    @Test(arguments: samples.map(\.event).filter { $0.entry.level < .warning })
    func `what is no trouble always passes`(event: Event) {
        var folding = Folding()
        for _ in 0..<5 { #expect(folding.handle(event.record(), at: seconds(0)) == [event.record()]) }
    }

    @Test mutating func `a death and two failed attempts come out unchanged`() {
        let story: [(Double, ReceiverEvent)] = [
            (47, .silent(.seconds(5), failure: 1)), (50, .silent(.seconds(8), failure: 2)),
            (52, .dead(after: .seconds(10))), (52, .closingPeer), (52, .creatingPeer),
            (52, .reconnectRequested("silence")), (52, .awaitingReconnect(.seconds(30))),
            (82, .reconnectFailed(attempt: 1)), (82, .retryScheduled(in: .seconds(10))),
            (122, .reconnectFailed(attempt: 2)),
        ]
        let records = story.map { Event.receiver($0.1).record(camera: "front") }
        let printed = zip(story, records).flatMap { folding.handle($1, at: seconds($0.0)) }
        #expect(printed == records)
        #expect(folding.finish() == [])
    }

    @Test mutating func `the end tells what is still held back`() {
        _ = folding.handle(refused.record(), at: seconds(0))
        _ = folding.handle(refused.record(), at: seconds(0))
        _ = folding.handle(dropped.record(), at: seconds(0))
        #expect(folding.finish().map(\.times) == [2])
        #expect(folding.finish() == [])
    }

    @Test mutating func `trouble of more cameras than it can hold passes`() {
        for camera in 0..<Folding.capacity {
            _ = folding.handle(refused.record(camera: CameraName("\(camera)")), at: seconds(0))
        }
        for _ in 0..<2 { #expect(folding.handle(refused.record(camera: "more"), at: seconds(0)).count == 1) }
        #expect(folding.handle(refused.record(camera: "0"), at: seconds(0)) == [])
        #expect(folding.handle(refused.record(camera: "more"), at: seconds(1)).map(\.times) == [2, 1])
        #expect(folding.handle(refused.record(camera: "more"), at: seconds(1)) == [])
    }

    @Test mutating func `time that goes back is taken as standing`() {
        #expect(folding.tick(at: seconds(10)) == [])
        _ = folding.handle(refused.record(), at: seconds(3))
        #expect(folding.handle(refused.record(), at: seconds(4.5)) == [])
        #expect(folding.nextDeadline == seconds(11))
        #expect(folding.tick(at: seconds(11)).map(\.times) == [2])
    }

    @Test mutating func `JSON says how many times`() throws {
        _ = folding.handle(dropped.record(), at: seconds(0))
        _ = folding.handle(dropped.record(), at: seconds(0))
        var format = LineFormat()
        format.face = .json
        let line = try #require(folding.finish().first.flatMap { format.line(for: $0) })
        #expect(line.hasSuffix(#""id":"v1","times":2}"#))
    }
}

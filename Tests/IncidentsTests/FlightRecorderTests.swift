// SPDX-License-Identifier: Apache-2.0

import Telemetry
import Testing
import Timing

@testable import Incidents

struct FlightRecorderTests {
    var flight = Flight()

    @Test mutating func `a fresh connection that was asked for is what helped`() throws {
        flight.fallSilent()
        flight.die()
        flight.pass(2)
        flight.tell(.offerReceived, .firstFrame(after: .seconds(1)), .recovered(silence: .seconds(12)))
        flight.flow()
        flight.pass(4)
        #expect(flight.reports.isEmpty)
        flight.pass(1)
        let report = try #require(flight.reports.first)
        #expect(report.cure == .cured("silence", by: "reconnect"))
        #expect(report.incident.cause == "silence")
        #expect(report.incident.ending == .recovered)
        #expect(report.incident.secondsWithoutFrames == 12)
        #expect(report.incident.attempts == 1)
        #expect(report.incident.tried == [.init(at: 5, remedy: "reconnect")])
        #expect(report.incident.name == "20261120T135000.123Z")
        #expect(flight.recorder.totals.incidents == 1)
        #expect(flight.recorder.totals.recoveries == 1)
        #expect(flight.recorder.totals.requests == 1)
        #expect(flight.recorder.totals.attempts == 0)
    }

    @Test mutating func `it has what led to the episode and what came after it`() throws {
        flight.tell(.relay(.connected(.camera(id: "c1"))))
        flight.fallSilent(after: 200)
        flight.die()
        flight.tell(.offerReceived, .firstFrame(after: .zero), .recovered(silence: .seconds(10)))
        flight.flow()
        flight.pass(5)
        let incident = try #require(flight.incidents.first)
        #expect(incident.samples.first?.at == -120)
        #expect(incident.samples.last?.at == 10)
        #expect(incident.samples.map(\.at) == (-120...10).map(Double.init))
        #expect(incident.samples.last?.fps == 30)
        #expect(incident.samples.first { $0.at == 0 }?.age == 5)
        #expect(
            incident.events.map(\.event) == [
                "silent", "dead", "closing_peer", "creating_peer", "reconnect_requested", "offer_received",
                "first_frame",
                "recovered",
            ])
        #expect(incident.events.map(\.at) == [0, 5, 5, 5, 5, 5, 5, 5])
        #expect(incident.events[1].message == "💀 Connection DEAD after 10s")
    }

    /// What happens in the 5 s between the report of silence and the death, and after it.
    enum Course: CaseIterable {
        case resumed, offeredByItself, resumedThoughAsked, cameAgain, obeyedLate
    }

    @Test(
        arguments: zip(
            Course.allCases, ["by itself", "by itself", "by itself", "by itself", "reconnect"]))
    mutating func `frames that come otherwise come by themselves`(course: Course, remedy: String) throws {
        flight.fallSilent()
        switch course {
        case .resumed: flight.pass(2)
        case .offeredByItself: flight.tell(.offerReceived, .firstFrame(after: .seconds(1)))
        case .resumedThoughAsked:
            flight.die()
            flight.tell(.offerReceived, .recovered(silence: .seconds(10)))
            flight.pass(2)
            flight.tell(.firstFrame(after: .seconds(2)))
        case .cameAgain:
            flight.pass(5)
            flight.tell(.dead(after: .seconds(10)), .nobodyToAsk("silence"))
            flight.pass(100)
            flight.tell(.offerReceived, .firstFrame(after: .zero), .recovered(silence: .seconds(110)))
        case .obeyedLate:
            flight.die()
            flight.tell(.offerReceived)
            flight.pass(30)
            flight.tell(.reconnectFailed(attempt: 1), .reconnectRequested("silence"))
            flight.tell(.recovered(silence: .seconds(40)), .firstFrame(after: .seconds(30)))
        }
        flight.flow()
        flight.pass(7)
        #expect(flight.incidents.map(\.remedy) == [remedy])
        #expect(flight.reports.map { $0.cure != nil } == [true])
    }

    @Test mutating func `silence that ends by itself is as long as it was, to the second`() throws {
        flight.fallSilent()
        flight.pass(2)
        flight.flow()
        flight.pass(6)
        #expect(flight.incidents.map(\.secondsWithoutFrames) == [8])
        #expect(flight.incidents.map(\.tried) == [[]])
    }

    @Test mutating func `the cause is the first attempt's`() throws {
        flight.fallSilent()
        flight.tell(.peerFailed("ice_failed", detail: "no path"), .reconnectRequested("failure"))
        flight.pass(30)
        flight.tell(.reconnectFailed(attempt: 1), .reconnectRequested("gone"))
        flight.tell(.gaveUp(attempts: 2))
        let incident = try #require(flight.incidents.first)
        #expect(incident.cause == "failure")
        #expect(incident.attempts == 2)
        #expect(incident.tried.map(\.at) == [0, 30])
        #expect(incident.secondsWithoutFrames == 35)
    }

    @Test mutating func `an attempt begins an episode, too, and an early death`() {
        flight.flow()
        flight.pass(3)
        flight.stop()
        flight.tell(.peerGone)
        flight.pass(2)
        flight.tell(.reconnectRequested("gone"))
        flight.finish(.stopped)
        flight.tell(.dead(after: .seconds(3)))
        flight.finish(.stopped)
        #expect(flight.incidents.map(\.cause) == ["gone", "silence"])
        #expect(flight.incidents.map(\.secondsWithoutFrames) == [2, 3])
    }

    @Test(arguments: [
        (ReceiverEvent.gaveUp(attempts: 1), Incident.Ending.gaveUp), (.paused, .paused), (.waiting, .paused),
        (.picturesOnly, .paused),
    ])
    mutating func `an end without frames has no remedy`(event: ReceiverEvent, ending: Incident.Ending) throws {
        flight.fallSilent()
        flight.tell(event)
        let report = try #require(flight.reports.first)
        #expect(report.incident.ending == ending)
        #expect(report.incident.remedy == nil && report.cure == nil)
        flight.tell(.recovered(silence: .seconds(99)))
        flight.pass(10)
        #expect(flight.reports.count == 1)
    }

    @Test mutating func `a pause does not end what was asked for`() {
        flight.fallSilent()
        flight.die()
        flight.tell(.paused)
        #expect(flight.reports.isEmpty)
    }

    @Test(arguments: [(Incident.Ending.stopped, 1), (.letGo, 0)])
    mutating func `one that is cut short is kept; a run that ends leaves its attempts to the next`(
        ending: Incident.Ending, attempts: Int
    ) {
        flight.fallSilent()
        flight.die()
        flight.finish(ending)
        flight.finish(ending)
        #expect(flight.incidents.map(\.ending) == [ending])
        #expect(flight.recorder.totals.attempts == attempts)
    }

    @Test mutating func `frames that had come back have come back, whatever ends the record`() {
        flight.fallSilent()
        flight.pass(1)
        flight.flow()
        flight.pass(1)
        flight.finish(.stopped)
        #expect(flight.incidents.map(\.ending) == [.recovered])
    }

    @Test mutating func `trouble soon after a recovery is another episode`() {
        flight.fallSilent()
        flight.die()
        flight.tell(.offerReceived, .firstFrame(after: .zero), .recovered(silence: .seconds(10)))
        flight.flow()
        flight.pass(1)
        flight.stop()
        flight.tell(.reconnectRequested("failure"))
        flight.finish(.stopped)
        #expect(flight.incidents.map(\.remedy) == ["reconnect", nil])
        #expect(flight.incidents.map(\.cause) == ["silence", "failure"])
    }

    @Test mutating func `a night without a camera has its evening and its morning`() throws {
        flight.fallSilent()
        flight.die()
        for attempt in 1...300 {
            flight.pass(120)
            flight.tell(.reconnectFailed(attempt: attempt), .nobodyToAsk("silence"), .reconnectRequested("silence"))
        }
        flight.tell(.offerReceived, .firstFrame(after: .zero), .recovered(silence: .seconds(36_000)))
        flight.flow()
        flight.pass(5)
        let incident = try #require(flight.incidents.first)
        #expect(incident.attempts == 601)
        #expect(incident.tried.count == FlightRecorder.mostAttempts)
        #expect(incident.events.first?.at == 0)
        #expect(incident.events.map(\.at).filter { (121...35_800).contains($0) } == [])
        #expect(incident.samples.first?.at == -14 && incident.samples.last?.at == 36_010)
        #expect(incident.text.utf8.count < 40_000)
    }

    @Test mutating func `who talks without end is not kept without end`() throws {
        for number in 1...10_000 { flight.tell(.relay(.commandSent("dance \(number)", cameraID: "c1"))) }
        flight.tell(.reconnectRequested("missed_offer"))
        flight.finish(.stopped)
        let events = try #require(flight.incidents.first).events
        #expect(events.count == FlightRecorder.mostEvents + 1)
        #expect(events.dropLast().last?.message.contains("dance 10000") == true)
    }

    @Test mutating func `what the run before asked for has come with the first frames`() throws {
        flight.fallSilent()
        flight.die()
        flight.finish(.stopped)
        var next = Flight(continuing: flight.recorder.totals)
        next.flow()
        next.pass(1)
        #expect(next.recorder.totals.attempts == 0)
        #expect(next.recorder.totals.frames == flight.recorder.totals.frames + 31)

        var unlucky = Flight(continuing: flight.recorder.totals)
        unlucky.tell(.reconnectRequested("missed_offer"))
        unlucky.finish(.stopped)
        #expect(unlucky.incidents.map(\.attempts) == [2])
        #expect(unlucky.recorder.totals.requests == 2)
    }

    @Test mutating func `it looks on while there is something to see`() {
        let origin = Instant(sinceOrigin: .seconds(1000))
        #expect(!flight.recorder.isWatching(at: origin))
        flight.flow()
        flight.pass(1)
        #expect(flight.recorder.isWatching(at: origin + .seconds(121)))
        #expect(!flight.recorder.isWatching(at: origin + .seconds(122)))
    }
}

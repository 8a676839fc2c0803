// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Timing

@Suite("The frame meter")
struct FrameMeterTests {
    /// Readings of a stream with these intervals in milliseconds between frames.
    func readings(_ intervals: [Int]) -> [FrameMeter.Reading] {
        var meter = FrameMeter()
        var now = Instant(sinceOrigin: .seconds(7))
        var readings = meter.record(at: now).map { [$0] } ?? []
        for interval in intervals {
            now += .milliseconds(interval)
            if let reading = meter.record(at: now) { readings.append(reading) }
        }
        return readings
    }

    @Test func `there is a reading each 60 frames, with the rate of those 60 alone`() {
        let readings = readings(Array(repeating: 40, count: 59) + Array(repeating: 100, count: 60))
        #expect(readings.map(\.total) == [60, 120])
        #expect(readings.map(\.fps) == [25, 10])
    }

    @Test func `a pause between connections belongs to no reading and to no interval`() {
        var meter = FrameMeter()
        var now = Instant(sinceOrigin: .zero)
        var last: FrameMeter.Reading?
        for frame in 1...120 {
            if frame == 90 {
                meter.restart()
                now += .seconds(600)
            }
            now += .milliseconds(20)
            last = meter.record(at: now) ?? last
        }
        #expect(last.map { $0.total == 120 && abs($0.fps - 50) < 1e-9 } == true)
        #expect(meter.intervals.count == 118)
        #expect(meter.intervals.counts.last == 0)
    }

    @Test func `the reading of a 60th frame that is a connection's first has the rate of those before`() {
        var meter = FrameMeter()
        var now = Instant(sinceOrigin: .zero)
        for _ in 1...59 {
            now += .milliseconds(20)
            #expect(meter.record(at: now) == nil)
        }
        meter.restart()
        now += .seconds(1)
        #expect(meter.record(at: now) == FrameMeter.Reading(total: 60, fps: 50))
    }

    @Test func `the reading after a restart is over the frames since then`() {
        var meter = FrameMeter()
        var now = Instant(sinceOrigin: .zero)
        for frame in 1...59 {
            if frame == 51 { meter.restart() }
            now += frame > 50 ? .milliseconds(100) : .milliseconds(20)
            #expect(meter.record(at: now) == nil)
        }
        #expect(meter.record(at: now + .milliseconds(100)) == FrameMeter.Reading(total: 60, fps: 10))
    }

    @Test func `the rolling rate forgets what is older than 2 s`() {
        var meter = FrameMeter()
        var now = Instant(sinceOrigin: .seconds(3))
        for _ in 0..<150 {
            now += .milliseconds(20)
            _ = meter.record(at: now)
        }
        #expect(abs(meter.fps(at: now) - 50) <= 2.5)
        #expect(abs(meter.fps(at: now + .seconds(1)) - 25) <= 2.5)
        #expect(meter.fps(at: now + .seconds(2)) == 0)
        #expect(meter.fps(at: now + .seconds(2000)) == 0)
        _ = meter.record(at: now + .seconds(2000))
        #expect(meter.fps(at: now + .seconds(2000)) == 0.5)
    }

    @Test func `frames that were held up count over the time that they were held up for`() {
        let held = Array(repeating: 40, count: 119) + [9_600] + Array(repeating: 0, count: 179)
        let readings = readings(held + Array(repeating: 40, count: 60))
        #expect(readings.map { $0.fps.rounded() } == [25, 25, 6, 13, 19, 25])
    }

    @Test func `frames of one moment have the rolling rate`() {
        #expect(readings(Array(repeating: 0, count: 59)) == [FrameMeter.Reading(total: 60, fps: 30)])
    }
}

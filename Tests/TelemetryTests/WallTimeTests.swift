// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Telemetry

struct WallTimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.000Z"),
            (951_782_399, "2000-02-28T23:59:59.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
            (951_868_800, "2000-03-01T00:00:00.000Z"), (4_107_542_399, "2100-02-28T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"), (1_798_761_599, "2026-12-31T23:59:59.000Z"),
            (.max, "9999-12-31T23:59:59.000Z"), (.min, "0000-01-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func `a second has its date`(seconds: Int64, text: String) {
        #expect(WallTime(secondsSince1970: seconds).rfc3339 == text)
    }

    @Test func `every day of 400 years follows the one before`() {
        var (year, month, day) = (1900, 1, 1)
        let firstOf1900: Int64 = -25_567
        for days in firstOf1900..<(firstOf1900 + 146_097) {
            let date = (year * 10_000 + month * 100 + day).description
            #expect(WallTime(secondsSince1970: days * 86_400).rfc3339.prefix(10).filter { $0 != "-" } == date)
            let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect((year, month, day) == (2300, 1, 1))
    }

    @Test(
        arguments: [
            (0, 0, "00:00:00"), (-1, 0, "23:59:59"), (86_399, 1, "00:00:00"), (0, -3600, "23:00:00"),
            (0, 20_700, "05:45:00"), (.max, .max, "03:14:06"), (.min, .min, "20:45:52"),
        ] as [(Int64, Int32, String)])
    func `the time of day is local`(seconds: Int64, offset: Int32, text: String) {
        #expect(WallTime(secondsSince1970: seconds, utcOffset: offset).timeOfDay == text)
    }

    @Test func `a day is local in a list, and none of that in a file's name`() {
        let time = WallTime(secondsSince1970: 1_795_219_199, nanoseconds: 7_000_000, utcOffset: 3600)
        #expect(time.dateAndTime == "2026-11-21 00:59:59")
        #expect(time.compact == "20261120T235959.007Z")
    }

    @Test(arguments: [
        (0, "000"), (999_999, "000"), (7_000_000, "007"), (999_999_999, "999"), (.max, "999"), (-1, "000"),
    ])
    func `a second has whole milliseconds`(nanoseconds: Int32, text: String) {
        #expect(WallTime(secondsSince1970: 0, nanoseconds: nanoseconds).rfc3339 == "1970-01-01T00:00:00.\(text)Z")
    }
}

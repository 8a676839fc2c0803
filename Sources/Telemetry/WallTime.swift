// SPDX-License-Identifier: Apache-2.0

import Text

/// The time of day, for people: log lines and file names. Decisions use `Instant`.
package struct WallTime: Hashable, Sendable {
    package let secondsSince1970: Int64
    /// 0 to 999,999,999, after those seconds.
    package let nanoseconds: Int32
    /// Seconds by which local time is ahead of UTC.
    package let utcOffset: Int32

    /// Takes any clock's word, clamped to the years 0 to 9999.
    package init(secondsSince1970: Int64, nanoseconds: Int32 = 0, utcOffset: Int32 = 0) {
        self.secondsSince1970 = min(max(secondsSince1970, -62_167_219_200), 253_402_300_799)
        self.nanoseconds = min(max(nanoseconds, 0), 999_999_999)
        self.utcOffset = utcOffset
    }

    /// The local time of day, `14:50:00`.
    var timeOfDay: String { Civil(secondsSince1970 + Int64(utcOffset)).timeOfDay }

    /// The local date and time of day, `2026-11-20 14:50:00`.
    package var dateAndTime: String {
        let civil = Civil(secondsSince1970 + Int64(utcOffset))
        return "\(civil.date) \(civil.timeOfDay)"
    }

    /// For files' names, `20261120T135000.123Z`.
    package var compact: String { rfc3339.filter { $0 != "-" && $0 != ":" } }

    /// RFC 3339 in UTC, `2026-11-20T13:50:00.123Z`: such times sort as texts, whatever summer time does.
    package var rfc3339: String {
        let civil = Civil(secondsSince1970)
        return "\(civil.date)T\(civil.timeOfDay).\((nanoseconds / 1_000_000).padded(to: 3))Z"
    }
}

/// Seconds since 1970 as the calendar writes them.
private struct Civil {
    private let days: Int64
    private let secondOfDay: Int64

    init(_ seconds: Int64) { (days, secondOfDay) = seconds.dividedDown(by: 86_400) }

    var timeOfDay: String {
        [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60].map { $0.padded(to: 2) }.joined(separator: ":")
    }

    /// Years begin in March here, so that a leap day, of 4, 100 or 400 years, is the last day of its period.
    var date: String {
        let march2000: Int64 = 11_017
        let (cycles, dayOfCycle) = (days - march2000).dividedDown(by: 146_097)
        let centuries = min(dayOfCycle / 36_524, 3)
        let dayOfCentury = dayOfCycle - centuries * 36_524
        let (leapPeriods, dayOfPeriod) = dayOfCentury.dividedDown(by: 1461)
        let years = min(dayOfPeriod / 365, 3)
        // From March to January; what is left is February.
        let lengths: [Int64] = [31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31]
        var month = 0
        var day = dayOfPeriod - years * 365
        while month < lengths.count && day >= lengths[month] {
            day -= lengths[month]
            month += 1
        }
        let year = 2000 + cycles * 400 + centuries * 100 + leapPeriods * 4 + years + (month < 10 ? 0 : 1)
        return "\(year.padded(to: 4))-\(((month + 2) % 12 + 1).padded(to: 2))-\((day + 1).padded(to: 2))"
    }
}

extension Int64 {
    /// The quotient rounded down, and what is left, never negative.
    fileprivate func dividedDown(by divisor: Int64) -> (quotient: Int64, rest: Int64) {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }
}

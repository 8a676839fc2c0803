// SPDX-License-Identifier: Apache-2.0

import Text

/// Frame intervals over time, for a terminal: a bar each second or several, as high as the interval's logarithm.
struct Plot {
    /// Of the bars.
    static let width = 68
    private static let rowsPerDecade = 2
    /// The bars' foot and head, in seconds.
    private static let decades = [0.01, 0.1, 1, 10, 100]

    private struct Bar {
        let at: Double
        /// The longest interval.
        let seconds: Double
    }

    private let bars: [Bar]

    init(_ samples: [Incident.Sample]) {
        let seconds = zip(samples, samples.dropFirst()).map { before, sample in
            Bar(at: sample.at, seconds: sample.interval(after: before))
        }
        let perBar = max((seconds.count + Plot.width - 1) / Plot.width, 1)
        bars = stride(from: 0, to: seconds.count, by: perBar).compactMap { start in
            let some = seconds[start..<min(start + perBar, seconds.count)]
            return some.map(\.seconds).max().map { Bar(at: seconds[start].at, seconds: $0) }
        }
    }

    var lines: [String] {
        guard let first = bars.first, let last = bars.last else { return [] }
        let rows = (0..<(Plot.decades.count - 1) * Plot.rowsPerDecade).reversed().map { row in
            let label = row % Plot.rowsPerDecade == 0 ? "\(Plot.decades[row / Plot.rowsPerDecade].plain) s" : ""
            let blocks = bars.map { Plot.block(Plot.level($0.seconds) - 8 * row) }
            let end = blocks.lastIndex { $0 != " " } ?? -1
            return label.padded(before: 6) + " │" + blocks.prefix(end + 1).joined()
        }
        let begin = bars.firstIndex { $0.at >= 0 }
        let axis = bars.indices.map { $0 == begin ? "┴" : "─" }.joined()
        let ends = (first.at.asSeconds, last.at.asSeconds)
        let gap = max(bars.count - ends.0.count - ends.1.count, 1)
        let margin = "        "
        return rows + ["       └" + axis, margin + ends.0 + String(repeating: " ", count: gap) + ends.1]
    }

    /// Eighths of a row.
    private static func level(_ seconds: Double) -> Int {
        let steps = 8 * rowsPerDecade
        for (index, foot) in decades.dropLast().enumerated() where seconds < decades[index + 1] {
            // Bars' heights within a decade, without a logarithm, which is the C library's.
            let step = sixteenths.lastIndex { foot * $0 <= seconds } ?? 0
            return max(index * steps + step, 1)
        }
        return steps * (decades.count - 1)
    }

    /// Of a decade: 10 to the power of n/16.
    private static let sixteenths = [
        1, 1.155, 1.334, 1.540, 1.778, 2.054, 2.371, 2.738, 3.162, 3.652, 4.217, 4.870, 5.623, 6.494, 7.499, 8.660,
    ]

    private static func block(_ eighths: Int) -> String {
        [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"][min(max(eighths, 0), 8)]
    }
}

extension Incident.Sample {
    /// The mean of the intervals between frames since the sample before, or how long no frame has come.
    fileprivate func interval(after before: Incident.Sample) -> Double {
        let frames = frames - before.frames
        return frames > 0 ? (at - before.at) / Double(frames) : max(age, 0)
    }
}

extension Double {
    /// `-12.3 s`
    var asSeconds: String { "\(rounded(toOneIn: 10)) s" }
}

extension String {
    func padded(before width: Int) -> String { String(repeating: " ", count: max(width - count, 0)) + self }
    func padded(behind width: Int) -> String { self + String(repeating: " ", count: max(width - count, 0)) }
}

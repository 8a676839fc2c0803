// SPDX-License-Identifier: Apache-2.0

import Timing

/// Writes Prometheus' text format, version 0.0.4.
struct PrometheusText {
    private(set) var text = ""

    mutating func write(_ family: MetricFamily, _ samples: [[String]: Double]) {
        writeHead(of: family)
        for (values, number) in sorted(samples) {
            writeLine(family.name, labels(family, values), PrometheusText.number(number))
        }
    }

    mutating func write(_ family: MetricFamily, _ samples: [[String]: DurationHistogram]) {
        writeHead(of: family)
        for (values, histogram) in sorted(samples) {
            let labels = labels(family, values)
            var below: UInt64 = 0
            for (bound, count) in zip(histogram.bounds, histogram.counts) {
                below += count
                writeLine("\(family.name)_bucket", labels + ["le=\"\(bound.inSeconds)\""], "\(below)")
            }
            writeLine("\(family.name)_bucket", labels + ["le=\"+Inf\""], "\(histogram.count)")
            writeLine("\(family.name)_sum", labels, PrometheusText.number(histogram.sum.inSeconds))
            writeLine("\(family.name)_count", labels, "\(histogram.count)")
        }
    }

    private mutating func writeHead(of family: MetricFamily) {
        text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
    }

    private mutating func writeLine(_ name: String, _ labels: [String], _ value: String) {
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels.joined(separator: ","))} \(value)\n"
    }

    private func sorted<Value>(_ samples: [[String]: Value]) -> [(key: [String], value: Value)] {
        samples.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }

    /// Names of cameras and words of ours, in which there is nothing to escape.
    private func labels(_ family: MetricFamily, _ values: [String]) -> [String] {
        zip(family.labels, values).map { "\($0)=\"\($1)\"" }
    }

    private static func number(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
        return "\(number)"
    }
}

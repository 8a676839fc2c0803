// SPDX-License-Identifier: Apache-2.0

/// Reads Prometheus' text format 0.0.4 and accepts nothing that the format does not name.
struct Scrape {
    struct Malformed: Error {
        let line: Substring
        let why: String
    }

    struct Sample {
        let series: Series
        let value: Double
    }

    struct Series: Hashable {
        let name: String
        let labels: [String: String]
    }

    struct Family {
        let type: String
        let help: String
        var samples: [Sample] = []
    }

    private(set) var families: [String: Family] = [:]
    private var values: [Series: Double] = [:]

    init(_ text: String) throws {
        guard text.isEmpty || text.hasSuffix("\n") else { throw Malformed(line: text[...], why: "no last newline") }
        var help: (name: String, text: String)?
        var current: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if let match = line.wholeMatch(of: /# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ([^\\]*)/) {
                help = (String(match.1), String(match.2))
            } else if let match = line.wholeMatch(of: /# TYPE (\S+) (counter|gauge|histogram)/) {
                let name = String(match.1)
                guard let text = help, text.name == name else { throw Malformed(line: line, why: "TYPE without HELP") }
                guard families[name] == nil else { throw Malformed(line: line, why: "a family twice") }
                families[name] = Family(type: String(match.2), help: text.text)
                (current, help) = (name, nil)
            } else {
                guard let family = current, help == nil else { throw Malformed(line: line, why: "no family") }
                try add(Scrape.sample(line), to: family, line)
            }
        }
        for (name, family) in families where family.type == "histogram" { try Scrape.check(family, name) }
    }

    /// The value of the sample with exactly these labels.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        values[Series(name: name, labels: labels)]
    }

    private mutating func add(_ sample: Sample, to name: String, _ line: Substring) throws {
        guard let family = families[name] else { return }
        let isHistogram = family.type == "histogram"
        let names = isHistogram ? ["_bucket", "_sum", "_count"].map { name + $0 } : [name]
        guard names.contains(sample.series.name) else { throw Malformed(line: line, why: "a sample of another family") }
        guard values.updateValue(sample.value, forKey: sample.series) == nil else {
            throw Malformed(line: line, why: "a sample twice")
        }
        guard (family.type == "counter") == name.hasSuffix("_total") else { throw Malformed(line: line, why: "_total") }
        guard family.type == "gauge" || sample.value >= 0 else { throw Malformed(line: line, why: "a negative count") }
        families[name]?.samples.append(sample)
    }

    private static func sample(_ line: Substring) throws -> Sample {
        let form = /([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[^"]|"(?:[^"\\]|\\.)*")*)\})? (\S+)/
        guard let match = line.wholeMatch(of: form) else { throw Malformed(line: line, why: "no sample") }
        guard let value = number(match.3) else { throw Malformed(line: line, why: "no number") }
        guard let list = match.2 else {
            return Sample(series: Series(name: String(match.1), labels: [:]), value: value)
        }
        let pair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"/
        var labels: [String: String] = [:]
        var rest = list
        repeat {
            guard let match = rest.prefixMatch(of: pair), labels[String(match.1)] == nil else {
                throw Malformed(line: line, why: "labels")
            }
            labels[String(match.1)] = unescaped(match.2)
            rest = rest[match.range.upperBound...]
            guard rest.isEmpty || rest.first == "," && rest.count > 1 else { throw Malformed(line: line, why: "comma") }
            rest = rest.dropFirst()
        } while !rest.isEmpty
        return Sample(series: Series(name: String(match.1), labels: labels), value: value)
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "NaN": .nan
        case "+Inf": .infinity
        case "-Inf": -.infinity
        default: text.contains(/^[-0-9.e+]+$/) ? Double(text) : nil
        }
    }

    private static func unescaped(_ value: Substring) -> String {
        value.replacing(/\\(.)/) { $0.1 == "n" ? "\n" : String($0.1) }.description
    }

    /// Each histogram has buckets that ascend and only grow, the last one is `+Inf` and as large as the count.
    private static func check(_ family: Family, _ name: String) throws {
        func series(_ part: String) -> [[String: String]: [Sample]] {
            Dictionary(grouping: family.samples.filter { $0.series.name == name + part }) {
                $0.series.labels.filter { $0.key != "le" }
            }
        }
        let (buckets, counts, sums) = (series("_bucket"), series("_count"), series("_sum"))
        guard buckets.keys == counts.keys && buckets.keys == sums.keys else {
            throw Malformed(line: name[...], why: "incomplete")
        }
        for (labels, samples) in buckets {
            let bounds = samples.compactMap { $0.series.labels["le"].flatMap { number($0[...]) } }
            let ascend = zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }
            let grow = zip(samples, samples.dropFirst()).allSatisfy { $0.value <= $1.value }
            guard
                bounds.count == samples.count && ascend && grow && bounds.last == .infinity
                    && samples.last?.value == counts[labels]?.first?.value
            else { throw Malformed(line: name[...], why: "buckets") }
        }
    }
}

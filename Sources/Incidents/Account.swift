// SPDX-License-Identifier: Apache-2.0

import Telemetry
import Text

/// Incidents as a terminal shows them: a list, one with all that is known of it, and what helped against what.
package enum Account {
    /// How many remedies are told one by one.
    private static let mostShown = 5

    /// A row for each, the newest first; within its camera each has a number, by which it can be asked for.
    package static func list(_ incidents: [Incident]) -> [String] {
        var numbers: [CameraName: Int] = [:]
        let rows = incidents.newestFirst.map { incident in
            numbers[incident.camera, default: 0] += 1
            return [
                "\(numbers[incident.camera] ?? 0)", incident.began.dateAndTime, incident.camera.description,
                incident.cause.printable, incident.outcome, incident.secondsWithoutFrames.asSeconds,
            ]
        }
        return table(["#", "began", "camera", "cause", "helped", "without frames"], rows, numbers: [0, 5])
    }

    /// The shares of cures by cause and remedy, the most frequent first.
    package static func shares(_ incidents: [Incident]) -> [String] {
        let groups = Dictionary(grouping: incidents) { [$0.cause.printable, $0.outcome] }
        let sorted = groups.sorted { ($1.value.count, $0.key[0], $0.key[1]) < ($0.value.count, $1.key[0], $1.key[1]) }
        let rows = sorted.map { words, some in
            let lengths = some.map(\.secondsWithoutFrames).sorted()
            let share = (Double(some.count) * 100 / Double(incidents.count)).rounded(toOneIn: 10)
            return words + ["\(some.count)", "\(share) %", lengths[lengths.count / 2].asSeconds]
        }
        return table(["cause", "helped", "times", "share", "without frames, median"], rows, numbers: [2, 3, 4])
    }

    /// All that is known of one.
    package static func story(of incident: Incident) -> [String] {
        let rest = incident.tried.count - mostShown
        let tried =
            incident.tried.prefix(mostShown).map { "\($0.remedy.printable) after \($0.at.asSeconds)" }
            + (rest > 0 ? ["and \(rest) more"] : [])
        let facts = [
            ["incident", incident.name], ["camera", incident.camera.description],
            ["began", incident.began.dateAndTime], ["cause", incident.cause.printable],
            ["tried", tried.isEmpty ? "nothing" : tried.joined(separator: ", ")], ["helped", incident.outcome],
            ["without frames", incident.secondsWithoutFrames.asSeconds],
        ]
        let plot = Plot(incident.samples).lines
        let events = incident.events.map { [$0.at.asSeconds, $0.message.printable] }
        return table(nil, facts, numbers: [])
            + (plot.isEmpty ? [] : ["", "Frame intervals; where no frame came, the time since the last"] + plot)
            + (events.isEmpty ? [] : [""] + table(nil, events, numbers: [0]))
    }

    /// What is counted of each camera.
    package static func totals(_ sessions: Sessions?, of cameras: [CameraName]) -> [String] {
        let rows = cameras.compactMap { camera in
            sessions?.cameras[camera].map { totals -> [String] in
                let counts = [totals.frames, totals.requests, totals.recoveries, totals.incidents]
                return [camera.description] + counts.map(String.init)
            }
        }
        return rows.isEmpty
            ? [] : table(["camera", "frames", "requests", "recoveries", "incidents"], rows, numbers: [1, 2, 3, 4])
    }

    /// The newest first; `which` is a number of `list`, or a name.
    package static func find(_ which: String, among names: [String]) -> String? {
        let newestFirst = names.sorted(by: >)
        if newestFirst.contains(which) { return which }
        guard let number: Int = which.wholeNumber(), newestFirst.indices.contains(number - 1) else { return nil }
        return newestFirst[number - 1]
    }

    /// Columns two spaces apart; those of numbers end together.
    private static func table(_ head: [String]?, _ rows: [[String]], numbers: Set<Int>) -> [String] {
        if rows.isEmpty { return [] }
        let all = (head.map { [$0] } ?? []) + rows
        let widths = all[0].indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = row.enumerated().map { column, cell in
                if numbers.contains(column) { return cell.padded(before: widths[column]) }
                return column == row.count - 1 ? cell : cell.padded(behind: widths[column])
            }
            return cells.joined(separator: "  ")
        }
    }
}

extension Incident {
    /// What helped, or how it ended.
    fileprivate var outcome: String {
        if let remedy { return remedy.printable }
        switch ending {
        case .recovered: return "unknown"
        case .gaveUp: return "nothing: gave up"
        case .paused: return "camera paused"
        case .letGo: return "camera let go"
        case .stopped: return "service stopped"
        }
    }
}

extension [Incident] {
    package var newestFirst: [Incident] {
        sorted { ($0.name, $0.camera.description) > ($1.name, $1.camera.description) }
    }
}

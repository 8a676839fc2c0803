// SPDX-License-Identifier: Apache-2.0

import Text
import Timing

@testable import Signaling

/// A relay in virtual time, that keeps its reports apart from what goes over the wire.
struct VirtualRelay {
    var core: RelayCore
    var now = seconds(0)
    var reports: [RelayCore.Report] = []
    /// Drops that are counted, and no news any more.
    var repeatedDrops = 0

    init(_ policy: RelayCore.ViewerPolicy = .oldest) { core = RelayCore(policy: policy, limits: Limits()) }

    mutating func callAsFunction(_ event: RelayCore.Event) -> [RelayCore.Action] {
        core.handle(event, at: now).filter {
            guard case .report(let report, _) = $0 else { return true }
            if case .dropped(_, _, isFirst: false) = report {
                repeatedDrops += 1
                return false
            }
            reports.append(report)
            return false
        }
    }

    mutating func camera(_ id: PeerID, on name: CameraName = .default) -> [RelayCore.Action] {
        self(.joined(id, RelayAddress(.camera, of: name)))
    }

    mutating func viewer(_ id: PeerID, on name: CameraName = .default) -> [RelayCore.Action] {
        self(.joined(id, RelayAddress(.viewer, of: name)))
    }

    mutating func says(_ id: PeerID, _ message: SignalingMessage) -> [RelayCore.Action] {
        self(.message(id, message, text: "<\(message.type)>"))
    }

    mutating func wait(_ time: Double) -> [RelayCore.Action] {
        now += .exactly(time)
        return self(.tick)
    }

    mutating func newReports() -> [RelayCore.Report] {
        defer { reports = [] }
        return reports
    }
}

extension PeerID: ExpressibleByStringLiteral {
    public init(stringLiteral name: String) { self.init(name) }
}

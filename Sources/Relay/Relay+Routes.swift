// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Sockets
import Telemetry
import Text
import Timing
import Web

extension Relay {
    /// The peers' addresses, and what is told and done by HTTP.
    package var routes: [Route] {
        [
            Route(.get, .exactly("/status")) { _, _ in .response(.json(200, self.status)) },
            Route(.webSocket, .named("camera")) { self.socket(RelayAddress(.camera, of: $1)) },
            Route(.webSocket, .named("viewer")) { self.socket(RelayAddress(.viewer, of: $1)) },
            control(.start), control(.stop), control(.reconnect),
        ]
    }

    private func socket(_ address: RelayAddress) -> Answer {
        isFull ? .refuse(.full) : .webSocket { self.welcome($0, address) }
    }

    private func control(_ command: Command) -> Route {
        Route(.post, .exactly("/control/\(command.rawValue)")) { request, _ in
            let name = request.query["camera"]
            let camera = name.flatMap { CameraName($0) }
            guard name == nil || camera != nil else { return .refuse(.path) }
            let told = self.command(command, camera)
            let answer = [("command", command.rawValue.quotedAsJSON), ("cameras", "\(told)")]
            return .response(.json(200, JSONValue.object(of: answer)))
        }
    }

    private var status: String {
        let time = WallClock.now
        let milliseconds = time.seconds * 1000 + Int64(time.nanoseconds) / 1_000_000
        return JSONValue.object(of: [
            ("cameras", "\(count(of: .camera))"), ("viewers", "\(count(of: .viewer))"),
            ("timestamp", "\(milliseconds)"),
            ("displaced", JSONValue.array(contestedNames.map { .string($0.description) }).text),
        ])
    }
}

/// An app's uploads, which are left without an answer whoever sends them: to the app any answer is a success, after
/// which it deletes its recording.
@MainLoop
package final class Uploads {
    private static let reminder = Duration.seconds(600)

    private let report: FrontDoor.Report
    /// The log was told of one, and is not until then told again.
    private var quietUntil = Instant(sinceOrigin: .zero)

    package init(report: @escaping FrontDoor.Report) {
        self.report = report
    }

    package var route: Route {
        // An answer as well would be that it is too large.
        Route(.post, .ending("/upload"), for: .anybody, bodyLimit: .max) { _, _ in
            let now = MainLoop.now
            let isNews = self.quietUntil <= now
            if isNews { self.quietUntil = now + Uploads.reminder }
            self.report(.uploadDropped(isNews ? .first : .repeated))
            return .drop
        }
    }
}

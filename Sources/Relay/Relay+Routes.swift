// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Sockets
import Telemetry
import Text
import Timing
import Web

extension Relay {
    /// The peers' addresses, and what HTTP can ask for.
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

/// An app's uploads, which are never answered: the app takes any answer for a success and deletes its recording.
@MainLoop
package final class Uploads {
    private static let reminder = Duration.seconds(600)

    private let report: FrontDoor.Report
    /// The log has been told of one, and will not be told again before this.
    private var quietUntil = Instant(sinceOrigin: .zero)

    package init(report: @escaping FrontDoor.Report) { self.report = report }

    package var route: Route {
        // `.max`, as a refusal of its size would be an answer, too.
        Route(.post, .ending("/upload"), for: .anybody, bodyLimit: .max) { _, _ in
            let now = MainLoop.now
            let isNews = self.quietUntil <= now
            if isNews { self.quietUntil = now + Uploads.reminder }
            self.report(.uploadDropped(isNews ? .first : .repeated))
            return .drop
        }
    }
}

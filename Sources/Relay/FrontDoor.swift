// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Sockets
import Telemetry
import Timing

/// The ports: who knocks too often, what is answered by HTTP, and who becomes a peer of the relay.
@MainLoop
package final class FrontDoor {
    /// What is shown to a browser that asks a peer's address for a page.
    package typealias Page = @MainLoop (RelayAddress) -> HTTPResponse?

    private let relay: Relay?
    private let settings: Settings
    private let report: Relay.Report
    private let metrics: () -> String
    private let page: Page
    private var gate: Gate
    private var knocks: ConnectionLimit
    /// The log was told of an upload, and is not until then told again.
    private var quietUntil = Instant(sinceOrigin: .zero)
    private var server: WebServer?

    /// Without a relay there are only metrics behind it, whose text `metrics` is.
    package init(
        to relay: Relay?, _ settings: Settings, report: @escaping Relay.Report,
        metrics: @escaping @MainLoop () -> String, page: @escaping Page
    ) {
        self.relay = relay
        self.settings = settings
        self.report = report
        self.metrics = metrics
        self.page = page
        gate = Gate(token: settings.token, allowedOrigins: settings.allowedOrigins)
        knocks = ConnectionLimit(perSecond: settings.transport.connectionsPerSecond)
        server = WebServer(
            handshake: settings.transport.handshake,
            admit: { [weak self] in self?.turnedAway($0) },
            drops: { [weak self] in self?.drops($0) ?? false },
            answer: { [weak self] in self?.answer($0) ?? .response(FrontDoor.refusal(503, .full)) },
            dismissed: { report(.admissionRefused(status: 408, "handshake_timeout"), nil) })
    }

    /// Listens on one more port, and says which: 0 takes any that is free.
    package func listen(on port: UInt16, identity: TLSIdentity? = nil) throws(GLibError) -> UInt16 {
        guard let server else { return 0 }
        let port = try server.listen(on: settings.bind, port: port, identity: identity)
        gate.ports.insert(port)
        return port
    }

    /// Asked before a byte of a connection is read. Where it is crowded, a guest that dawdles makes room: who has just
    /// come may be one that knows what it wants.
    private func turnedAway(_ address: String) -> HTTPResponse? {
        guard knocks.admit(address, at: MainLoop.now) else { return refused(503, .full) }
        if let server, server.guestCount >= settings.transport.guests {
            server.dismissOldestGuest()
            report(503, .full)
        }
        return nil
    }

    private func drops(_ request: HTTPRequest) -> Bool {
        guard Gate.isUpload(request) else { return false }
        let now = MainLoop.now
        let isNews = quietUntil <= now
        if isNews { quietUntil = now + FrontDoor.uploadReminder }
        report(.uploadDropped(isNews ? .first : .repeated), nil)
        return true
    }

    private static let uploadReminder = Duration.seconds(600)

    private func answer(_ request: HTTPRequest) -> WebServer.Answer {
        switch gate.verdict(on: request) {
        case .refuse(let status, .origin): return .response(refusedPage(status, Gate.origin(of: request) ?? ""))
        case .refuse(let status, let why): return .response(refused(status, why))
        case .wrongMethod(let allowed):
            var response = refused(405, .method)
            response.headers["Allow"] = allowed
            return .response(response)
        case .page(let address): return .response(page(address) ?? refused(404, .path))
        case .metrics:
            let text = Array(metrics().utf8)
            return .response(HTTPResponse(status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: text))
        case .status:
            return .response(relay.map { .json(200, FrontDoor.status(of: $0)) } ?? refused(404, .path))
        case .control(let command, let camera):
            guard let relay else { return .response(refused(404, .path)) }
            let told = relay.command(command, camera)
            return .response(.json(200, #"{"command":"\#(command.rawValue)","cameras":\#(told)}"#))
        case .peer(let address):
            guard let relay, !relay.isFull else { return .response(refused(503, .full)) }
            return .webSocket(settings.transport) { relay.welcome($0, address) }
        }
    }

    private static func status(of relay: Relay) -> String {
        let time = WallClock.now
        let milliseconds = time.seconds * 1000 + Int64(time.nanoseconds) / 1_000_000
        let (cameras, viewers) = (relay.count(of: .camera), relay.count(of: .viewer))
        let displaced = relay.contestedNames.map { #""\#($0)""# }.joined(separator: ",")
        return
            #"{"cameras":\#(cameras),"viewers":\#(viewers),"timestamp":\#(milliseconds),"displaced":[\#(displaced)]}"#
    }

    private func refused(_ status: Int, _ why: Gate.Refusal) -> HTTPResponse {
        report(status, why)
        return FrontDoor.refusal(status, why)
    }

    /// Its browser shows the page that it was refused, and of an answer nothing unless that is open to every origin.
    private func refusedPage(_ status: Int, _ origin: String) -> HTTPResponse {
        report(.admissionRefused(status: status, Code(Gate.Refusal.origin), origin: String(origin.prefix(100))), nil)
        var response = FrontDoor.refusal(status, .origin)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response
    }

    private func report(_ status: Int, _ why: Gate.Refusal) {
        report(.admissionRefused(status: status, Code(why)), nil)
    }

    private static func refusal(_ status: Int, _ why: Gate.Refusal) -> HTTPResponse {
        .json(status, JSONValue.object(["error": .string(why.rawValue), "advice": .string(why.advice)]).text)
    }
}

extension FrontDoor {
    package struct Settings: Sendable {
        /// The address to listen on.
        package var bind = "0.0.0.0"
        /// `nil` opens everything to everybody.
        package var token: Secret?
        /// Besides the pages that we serve ourselves.
        package var allowedOrigins: Set<String> = []
        package var transport = TransportLimits()

        package init() {}
    }
}

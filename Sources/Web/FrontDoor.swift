// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Signaling
import Sockets
import Telemetry
import Text

/// The ports: refuses who knocks too often, lets others in, and finds the route that answers.
@MainLoop
package final class FrontDoor {
    package typealias Report = @MainLoop (RelayEvent) -> Void

    private let settings: Settings
    private let routes: [Route]
    private let report: Report
    private var gate: Gate
    private var knocks: ConnectionLimit
    private var server: WebServer?

    package init(_ settings: Settings, _ routes: [Route], report: @escaping Report) {
        self.settings = settings
        self.routes = routes
        self.report = report
        gate = Gate(token: settings.token, allowedOrigins: settings.allowedOrigins)
        knocks = ConnectionLimit(perSecond: settings.transport.connectionsPerSecond)
        server = WebServer(
            limits: settings.transport, admit: { [weak self] in self?.admits($0) ?? false },
            dismissed: { report(.admissionRefused(status: 408, "handshake_timeout")) },
            handle: { [weak self] in self?.handle($0) })
    }

    /// Listens on one more port and returns its number: 0 takes any free one.
    package func listen(on port: UInt16, identity: TLSIdentity? = nil) throws(GLibError) -> UInt16 {
        guard let server else { return 0 }
        let port = try server.listen(on: settings.bind, port: port, identity: identity)
        gate.ports.insert(port)
        return port
    }

    /// Asked before a byte of a connection is read. In a crowd, a dawdling guest has to make room: the newcomer may know
    /// what it wants.
    private func admits(_ address: String) -> Bool {
        guard knocks.admit(address, at: MainLoop.now) else {
            tell(of: .full)
            return false
        }
        if let server, server.guestCount >= settings.transport.guests {
            server.dismissOldestGuest()
            tell(of: .full)
        }
        return true
    }

    private func handle(_ exchange: Exchange) {
        switch gate.verdict(on: exchange.request, among: routes) {
        case .enter(let index, let camera): enter(routes[index], of: camera, with: exchange)
        case .refuse(let why): exchange.respond(refused(exchange.request, why))
        case .wrongMethod(let allowed):
            var response = refused(exchange.request, .method)
            response.headers["Allow"] = allowed
            exchange.respond(response)
        case .options(let allowed): exchange.respond(HTTPResponse(status: 204, headers: ["Allow": allowed], body: []))
        }
    }

    private func enter(_ route: Route, of camera: CameraName, with exchange: Exchange) {
        var request = exchange.request
        let path = TokenPath(request.path)
        request.path = path.rest
        // Links that an answer makes work then wherever the token came from.
        if let token = path.token { request.query["token"] = token }
        guard exchange.limitBody(to: route.bodyLimit, else: .refusal(.body, to: request)) else {
            return tell(of: .body)
        }
        switch route.handler(request, camera) {
        case .response(let response): exchange.respond(response.part(for: request))
        case .later(let use):
            exchange.take()
            use(exchange)
        case .webSocket(let use): exchange.upgrade(use)
        case .refuse(let why): exchange.respond(refused(request, why))
        case .drop: exchange.drop()
        }
    }

    private func refused(_ request: HTTPRequest, _ why: Refusal) -> HTTPResponse {
        tell(of: why, origin: why == .origin ? Gate.origin(of: request) ?? "" : nil)
        return .refusal(why, to: request)
    }

    private func tell(of why: Refusal, origin: String? = nil) {
        let origin = origin.map { String($0.prefix(100)) }
        report(.admissionRefused(status: why.status, Code(why), origin: origin))
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

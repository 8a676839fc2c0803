// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Timing

/// A request and its answer, on a connection that may carry others after them.
///
/// 1. It is answered once: whole, in pieces, as a WebSocket, or not at all. Further answers are ignored.
/// 2. Whoever takes it in hand may answer later, and is told if the client goes away first.
/// 3. A body is read by whoever asks for it. If the answer comes before its end, the connection ends as well.
/// 4. A client that takes nothing of its answer for a while, or sends nothing of its body, is disconnected.
@MainLoop
package final class Exchange {
    private enum Phase {
        case asked, inHand, inPieces, answered, over
    }

    /// What the connection is to the server.
    enum Standing {
        /// From now on its time is measured here.
        case served
        /// It may ask again.
        case idle
        case upgraded
    }

    package let request: HTTPRequest
    private let message: RequestMessage
    private let connection: Connection
    private let limits: TransportLimits
    private let stands: @MainLoop (Standing) -> Void
    private var phase = Phase.asked
    private var isPaused = false
    private var signals: [SignalConnection] = []
    private var hangup: Readiness?
    private var deadline: Deadline?
    private var gone: (@MainLoop () -> Void)?

    private var body: Body
    private var unsentBytes = 0
    private var isInPieces = false
    /// What is still missing of an answer in pieces whose length was announced.
    private var promisedBytes: Int?
    private var room: (@MainLoop () -> Void)?

    private struct Body {
        var isAwaited: Bool
        var allowance = 0
        /// The answer to a larger body.
        var refusal: HTTPResponse?
        var sink: (@MainLoop ([UInt8]?) -> Void)?
    }

    init(
        _ message: RequestMessage, on connection: Connection, limits: TransportLimits,
        _ stands: @escaping @MainLoop (Standing) -> Void
    ) {
        self.message = message
        self.connection = connection
        self.limits = limits
        self.stands = stands
        request = message.request
        body = Body(isAwaited: request.framing != .none)
        // They keep it until it is over.
        signals = [
            message.onPiece { self.received($0) },
            message.on("got-body") { _ in self.receivedAll() },
            message.on("wrote-headers") { _ in stands(.served) },
            message.on("wrote-body-data") { self.sent($0.argument(0)) },
            message.on("finished") { _ in self.finished() },
        ]
        deadline = Deadline { [weak self] in self?.abandon() }
    }

    // MARK: - Answers

    /// Answers whole.
    package func respond(_ response: HTTPResponse) {
        guard phase == .asked || phase == .inHand else { return }
        guard !body.isAwaited else { return refuse(response) }
        var response = response
        // Guesses are counted by connection, so whoever was refused has to open another.
        if response.status >= 400 { response.headers["Connection"] = "close" }
        message.respond(response)
        phase = .answered
        resume()
    }

    /// Leaves the answer for later, to whoever has this.
    package func take() {
        guard phase == .asked else { return }
        phase = .inHand
        hangup = connection.whenHungUp { [weak self] in self?.abandon() }
        stands(.served)
        measure()
    }

    /// Calls `gone` if the client goes away before it has its answer.
    package func whenGone(_ gone: @escaping @MainLoop () -> Void) {
        if phase == .inHand || phase == .inPieces { self.gone = gone }
    }

    /// Begins an answer in pieces. `room` is called once there is room again after a `write` said to wait.
    package func begin(_ head: HTTPResponse, length: Int? = nil, room: @escaping @MainLoop () -> Void = {}) {
        guard phase == .inHand else { return }
        guard !body.isAwaited else { return refuse(head) }
        message.begin(head, length: length, inPieces: true)
        promisedBytes = length
        self.room = room
        phase = .inPieces
        isInPieces = true
        resume()
    }

    /// Sends one more piece; false if the next should wait for room. Whoever never waits loses its client.
    @discardableResult
    package func write(_ piece: [UInt8]) -> Bool {
        guard phase == .inPieces else { return false }
        guard !piece.isEmpty else { return unsentBytes < Exchange.plenty }
        precondition(promisedBytes ?? .max >= piece.count, "more than was promised")
        promisedBytes? -= piece.count
        guard unsentBytes == 0 || unsentBytes + piece.count <= limits.unsentBytes else {
            abandon()
            return false
        }
        unsentBytes += piece.count
        message.append(piece)
        resume()
        return unsentBytes < Exchange.plenty
    }

    package func finish() {
        guard phase == .inPieces else { return }
        guard promisedBytes ?? 0 == 0 else { return abandon() }
        phase = .answered
        message.complete()
        resume()
    }

    /// Becomes a WebSocket, if the request is a proper one.
    package func upgrade(_ use: @escaping @MainLoop (WebSocket) -> Void) {
        guard phase == .asked else { return }
        phase = .answered
        let upgrade = message.upgrade { [self] stream in
            over()
            stands(.upgraded)
            use(WebSocket(connection.byteStream(stream), as: .server, limits: limits))
        }
        if let upgrade { signals.append(upgrade) }
    }

    /// Ends the connection without an answer.
    package func drop() {
        gone = nil
        abandon()
    }

    /// How much may wait unsent before a producer is asked to wait.
    private static let plenty = 256 * 1024

    /// Answers without libsoup, which would read all of the body first.
    private func refuse(_ response: HTTPResponse) {
        over()
        if let stream = message.steal() { connection.refuse(response, over: stream, lingering: limits.closing) }
    }

    /// Has libsoup go on, if it has paused.
    private func resume() {
        measure()
        if isPaused || isInPieces { message.unpause() }
        isPaused = false
    }

    // MARK: - The body

    /// Bounds the body; a larger one is answered with `refusal`. False if the head announces one.
    package func limitBody(to limit: Int, else refusal: HTTPResponse) -> Bool {
        body.allowance = limit
        body.refusal = refusal
        switch request.framing {
        case .none: return true
        case .chunks where limit > 0: return true
        case .length(let length) where length <= limit: return true
        case .chunks, .length, .ambiguous:
            refuse(refusal)
            return false
        }
    }

    /// Delivers the body piece by piece, and `nil` after the last.
    package func receive(_ sink: @escaping @MainLoop ([UInt8]?) -> Void) {
        guard phase == .inHand else { return }
        if body.isAwaited { body.sink = sink } else { MainLoop.post { sink(nil) } }
    }

    private func received(_ piece: [UInt8]) {
        body.allowance -= piece.count
        guard body.allowance >= 0, let sink = body.sink else {
            let gone = gone
            if let refusal = body.refusal { refuse(refusal) } else { abandon() }
            gone?()
            return
        }
        measure()
        sink(piece)
    }

    private func receivedAll() {
        let sink = body.sink.take()
        body.isAwaited = false
        if phase == .asked || phase == .inHand {
            isPaused = true
            message.pause()
        }
        measure()
        sink?(nil)
    }

    // MARK: - The end

    private func sent(_ count: Int) {
        let wasPlenty = unsentBytes >= Exchange.plenty
        unsentBytes -= count
        measure()
        if phase == .inPieces, wasPlenty, unsentBytes < Exchange.plenty { room?() }
    }

    /// Limits the time for the client's next step, if it is its turn.
    private func measure() {
        let isTheirTurn = body.isAwaited || unsentBytes > 0 || phase == .answered
        deadline?.arm(at: isTheirTurn && phase != .over ? MainLoop.now + limits.stall : nil)
    }

    private func finished() {
        guard phase != .over else { return }
        let gone = phase == .answered ? nil : gone
        over()
        stands(.idle)
        gone?()
    }

    /// The client has gone, or is to go.
    private func abandon() {
        guard phase != .over else { return }
        let gone = gone
        let standsStill = isPaused || isInPieces
        over()
        connection.close()
        // libsoup finds out only when it goes on.
        if standsStill { message.unpause() }
        gone?()
    }

    private func over() {
        phase = .over
        signals = []
        hangup = nil
        deadline = nil
        gone = nil
        room = nil
        body.sink = nil
    }
}

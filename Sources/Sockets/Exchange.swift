// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Timing

/// A request and the answer to it, on a connection that may have others after them.
///
/// 1. It is answered once: whole, in pieces, as a WebSocket, or not at all. What comes after is forgotten.
/// 2. Whoever takes it in hand answers when it likes, and is told if the client goes before.
/// 3. A body is read by whoever asks for it. Who is answered before all of it was read gets no further request in.
/// 4. A client that takes nothing of its answer for a while, or sends nothing of its body, is let go.
@MainLoop
package final class Exchange {
    private enum Phase {
        case asked, inHand, inPieces, answered, over
    }

    /// What the server makes of the connection.
    enum Standing {
        /// Its time is measured here from now on.
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
    /// What is still to come of an answer in pieces whose length was announced.
    private var promisedBytes: Int?
    private var room: (@MainLoop () -> Void)?

    private struct Body {
        var isAwaited: Bool
        var allowance = 0
        /// What is answered where there is more.
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
        // Who was refused asks anew: how often it may is counted by connection.
        if response.status >= 400 { response.headers["Connection"] = "close" }
        message.respond(response)
        phase = .answered
        resume()
    }

    /// Leaves the answer to whoever has this.
    package func take() {
        guard phase == .asked else { return }
        phase = .inHand
        hangup = connection.whenHungUp { [weak self] in self?.abandon() }
        stands(.served)
        measure()
    }

    /// Tells once that the client went before the answer was given.
    package func whenGone(_ gone: @escaping @MainLoop () -> Void) {
        if phase == .inHand || phase == .inPieces { self.gone = gone }
    }

    /// Begins an answer in pieces. `room` is called whenever a `write` said to wait and there is room again.
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

    /// Sends one more piece; false where the next should wait for room. Who goes on and on all the same loses its client.
    @discardableResult
    package func write(_ piece: [UInt8]) -> Bool {
        guard phase == .inPieces, !piece.isEmpty else { return false }
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

    /// What waits unsent before a producer is asked to wait.
    private static let plenty = 256 * 1024

    /// Answers past libsoup, which would read all of a body first.
    private func refuse(_ response: HTTPResponse) {
        over()
        if let stream = message.steal() { connection.refuse(response, over: stream, lingering: limits.closing) }
    }

    /// Has libsoup go on, as soon as it stands still.
    private func resume() {
        measure()
        if isPaused || isInPieces { message.unpause() }
        isPaused = false
    }

    // MARK: - The body

    /// Bounds the body; a larger one is answered with `refusal`. False where it announces itself as one.
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

    /// Has the body brought piece by piece, and `nil` after the last.
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

    /// Gives the client so long for its next step, if it is its turn.
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
        // It finds out only when it goes on.
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

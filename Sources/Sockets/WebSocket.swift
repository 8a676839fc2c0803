// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Timing

/// One WebSocket connection, at either end.
///
/// Events come in order on the loop; `closed` is the last and comes once. Sending never waits: what the peer doesn't take
/// yet is kept in a bounded outbox.
@MainLoop
package final class WebSocket {
    package enum Event: Equatable, Sendable {
        case text(String)
        case binary([UInt8])
        /// Answered already.
        case ping
        case pong
        case picturesDropped(Int)
        case closed(code: UInt16, reason: String, by: Closer)
    }

    package enum Closer: Sendable {
        /// We did, for what the peer sent, or because it doesn't read.
        case rules
        /// The socket's owner did.
        case owner
        /// The peer did, or its connection broke.
        case peer
    }

    private enum State {
        case open
        /// Our close frame went out; what still comes is read and ignored, so that the peer gets it.
        case closing(code: UInt16, reason: String, by: Closer, Deadline)
        case closed(Event)
    }

    private let stream: ByteStream
    private let role: WebSocketRole
    private let limits: TransportLimits
    private var decoder: WebSocketDecoder
    private var outbox: Outbox
    private var state = State.open
    private var handler: ((Event) -> Void)?
    /// A frame has gone out in this turn already.
    private var gathers = false
    /// Looks again whether there is a path for what waits.
    private var patience: Deadline?
    /// Bytes that came with the handshake's last.
    private let alreadyRead: [UInt8]

    init(_ stream: ByteStream, as role: WebSocketRole, limits: TransportLimits, alreadyRead: [UInt8] = []) {
        self.stream = stream
        self.role = role
        self.limits = limits
        self.alreadyRead = alreadyRead
        decoder = WebSocketDecoder(from: role == .server ? .client : .server, limits: limits)
        outbox = Outbox(bound: limits.unsentBytes)
    }

    /// Starts reading. Nothing is read before, so nothing is lost; a socket that broke meanwhile says so now.
    package func start(_ handler: @escaping @MainLoop (Event) -> Void) {
        if case .closed(let end) = state { return MainLoop.post { handler(end) } }
        self.handler = handler
        stream.whenReady { [weak self] in self?.serve() }
        if !alreadyRead.isEmpty { alreadyRead.withUnsafeBytes { take($0) } }
        // libsoup, or TLS, may have read ahead of the socket.
        read()
    }

    /// Whether the path to the peer seems black.
    package var isSilent: Bool { stream.isSilent }

    package func endure(_ time: BlackPath) { stream.endure(time) }

    package var unsentBytes: Int { outbox.unsentBytes }

    package func send(_ text: String) { enqueue(.text(text, mask: mask), .message) }

    package func send(picture bytes: [UInt8]) { enqueue(.binary(bytes, mask: mask), .picture) }

    package func ping() { enqueue(.ping([], mask: mask), .message) }

    /// Says why, and gives the peer a moment to hear it.
    package func close(code: UInt16, reason: String) { close(code: code, reason: reason, by: .owner) }

    private func close(code: UInt16, reason: String, by closer: Closer) {
        guard case .open = state else { return }
        // It keeps us until then: the owner may let a closed socket go.
        let deadline = Deadline { self.end(code: code, reason: reason, by: closer) }
        deadline.arm(at: MainLoop.now + limits.closing)
        state = .closing(code: code, reason: reason, by: closer, deadline)
        outbox.discardUnbegun()
        _ = outbox.add(.close(code: code, reason: reason, mask: mask), .message)
        flush()
        // Nothing that it says matters any more.
        if closer == .rules { tell(.closed(code: code, reason: reason, by: closer)) }
    }

    /// Ends at once, without a word, as for a peer that no longer answers.
    package func abort() { end(code: 1006, reason: "aborted", by: .owner) }

    // MARK: - Reading

    private func serve() {
        if !outbox.isEmpty { flush() }
        read()
    }

    /// Reads until nothing comes, or it is the others' turn.
    private func read() {
        do throws(GLibError) {
            for _ in 0..<WebSocket.readsInTurn {
                guard !isClosed, let bytes = try stream.read() else { return }
                if bytes.isEmpty { return ended("the peer hung up") }
                take(bytes)
                if bytes.count < stream.mostAtOnce { return }
            }
            MainLoop.post { [weak self] in self?.read() }
        } catch {
            ended(error.message)
        }
    }

    private static let readsInTurn = 8
    private static let lookEvery = Duration.milliseconds(250)

    private var isClosed: Bool {
        if case .closed = state { true } else { false }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        do throws(WebSocketDecoder.Violation) {
            try decoder.decode(bytes) { take($0) }
        } catch {
            close(code: error.code, reason: error.reason, by: .rules)
        }
    }

    private func take(_ message: WebSocketDecoder.Message) {
        switch state {
        case .open: heard(message)
        // While closing, only the peer's own close matters.
        case .closing(let code, let reason, let closer, _):
            if case .close = message { end(code: code, reason: reason, by: closer) }
        case .closed: break
        }
    }

    private func heard(_ message: WebSocketDecoder.Message) {
        switch message {
        case .text(let text): handler?(.text(text))
        case .binary(let bytes): handler?(.binary(bytes))
        case .pong: handler?(.pong)
        case .ping(let payload):
            enqueue(.pong(payload, mask: mask), .message)
            handler?(.ping)
        case .close(let code, let reason):
            // 1005 is never sent: it is answered by a plain 1000.
            enqueue(.close(code: code == 1005 ? 1000 : code, reason: "", mask: mask), .message)
            flush()
            end(code: code, reason: reason, by: .peer)
        }
    }

    // MARK: - Writing

    private func enqueue(_ frame: WebSocketFrame, _ kind: Outbox.Kind) {
        guard case .open = state else { return }
        let wasEmpty = outbox.isEmpty
        switch outbox.add(frame, kind) {
        case .overflow: return close(code: 1013, reason: "the peer does not read", by: .rules)
        case .queued(let dropped): if dropped > 0 { handler?(.picturesDropped(dropped)) }
        }
        guard wasEmpty else { return }
        // The first goes at once, so that the peer can begin; what else this turn brings for it goes out together.
        if !gathers {
            gathers = true
            flush()
        }
        Readiness.atEndOfTurn { [weak self] in
            self?.gathers = false
            self?.flush()
        }
    }

    private func flush() {
        guard !isClosed, !outbox.isEmpty else { return }
        // What the kernel has it repeats ever more rarely while the path is black; what we have goes at once afterwards.
        guard !stream.isSilent else {
            patience = patience ?? Deadline { [weak self] in self?.flush() }
            patience?.arm(at: MainLoop.now + WebSocket.lookEvery)
            return
        }
        do throws(GLibError) {
            while let bytes = outbox.offer() {
                let count = try stream.write(bytes)
                outbox.sent(count)
                if count < bytes.count { return }
            }
        } catch {
            ended(error.message)
        }
    }

    // MARK: - The end

    /// The stream is over; while closing, that is what we waited for.
    private func ended(_ reason: String) {
        if case .closing(let code, let reason, let closer, _) = state {
            return end(code: code, reason: reason, by: closer)
        }
        end(code: 1006, reason: reason, by: .peer)
    }

    private func end(code: UInt16, reason: String, by closer: Closer) {
        if case .closed = state { return }
        let end = Event.closed(code: code, reason: reason, by: closer)
        state = .closed(end)
        stream.close()
        tell(end)
    }

    private func tell(_ end: Event) {
        let handler = handler
        self.handler = nil
        handler?(end)
    }

    /// A client masks its frames unpredictably.
    private var mask: UInt32? { role == .client ? .random(in: .min ... .max) : nil }
}

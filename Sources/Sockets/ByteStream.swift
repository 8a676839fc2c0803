// SPDX-License-Identifier: Apache-2.0

import CGLib
import MainLoop

typealias IOStream = GObjectRef<UnsafeMutablePointer<GIOStream>>

/// A connected stream, plain or TLS, that is read and written as far as possible without waiting.
@MainLoop
final class ByteStream {
    /// The buffer of all streams: what was read is used up before the next read.
    private static let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    // Declared first, to be gone before its descriptor is closed.
    private var readiness: Readiness?
    private let stream: IOStream
    private let socket: GObjectRef<UnsafeMutablePointer<GSocket>>
    private let input: OpaquePointer
    private let output: OpaquePointer
    private let isSecure: Bool

    /// `socket` is what underlies the stream, with TLS between them or not.
    init(_ stream: IOStream, over socket: UnsafeMutablePointer<GSocket>, isSecure: Bool) {
        self.stream = stream
        self.isSecure = isSecure
        self.socket = GObjectRef(retaining: socket)
        input = OpaquePointer(g_io_stream_get_input_stream(stream.pointer))
        output = OpaquePointer(g_io_stream_get_output_stream(stream.pointer))
    }

    /// A shorter read has emptied the socket. TLS gives a record at a time, and may hold more than its socket shows: there
    /// only a read that gives nothing has.
    var mostAtOnce: Int { isSecure ? 1 : ByteStream.buffer.count }

    /// Whether the path to the peer seems black: not even its kernel, which is asked once a second, says anything.
    var isSilent: Bool { cglib_socket_silence(socket.pointer) > 3_000 }

    /// How long the path may be black before the stream breaks.
    func endure(_ time: BlackPath) { cglib_socket_set_patience(socket.pointer, time.rawValue) }

    /// Calls `handler` while there is something to read or, where a write fell short, room to write.
    func whenReady(_ handler: @escaping @MainLoop () -> Void) {
        readiness = Readiness(of: g_socket_get_fd(socket.pointer), handler)
    }

    /// What has come, valid until the next read; `nil` if nothing has, empty at the end of the stream.
    func read() throws(GLibError) -> UnsafeRawBufferPointer? {
        let buffer = ByteStream.buffer
        let count = try ByteStream.orWouldBlock { error in
            g_pollable_input_stream_read_nonblocking(input, buffer.baseAddress, gsize(buffer.count), nil, error)
        }
        return count.map { UnsafeRawBufferPointer(rebasing: buffer[..<$0]) }
    }

    /// Writes what the stream takes now, and returns how much that was.
    func write(_ bytes: ArraySlice<UInt8>) throws(GLibError) -> Int {
        let count = try ByteStream.orWouldBlock { error in
            bytes.withUnsafeBytes {
                g_pollable_output_stream_write_nonblocking(output, $0.baseAddress, gsize($0.count), nil, error)
            }
        }
        readiness?.awaitsRoom = (count ?? 0) < bytes.count
        return count ?? 0
    }

    /// Closes without waiting; what was not written is lost.
    func close() {
        readiness = nil
        // TLS says goodbye from a thread that would wait for ever for the peer to read it.
        g_socket_shutdown(socket.pointer, 1, 1, nil)
        g_io_stream_close_async(stream.pointer, G_PRIORITY_DEFAULT, nil, nil, nil)
    }

    private static func orWouldBlock(
        _ operation: (UnsafeMutablePointer<UnsafeMutablePointer<GError>?>) -> gssize
    ) throws(GLibError) -> Int? {
        do throws(GLibError) {
            return try withGError(operation)
        } catch {
            guard error.isWouldBlock else { throw error }
            return nil
        }
    }
}

extension ByteStream {
    /// Connects to `HOST:PORT`, by default the port of HTTP or HTTPS.
    static func connect(
        to authority: String, secure: Bool, _ cancellable: GObjectRef<UnsafeMutablePointer<GCancellable>>,
        _ completion: @escaping @MainLoop (Result<ByteStream, GLibError>) -> Void
    ) {
        typealias Completion = UserData<@MainLoop (Result<ByteStream, GLibError>) -> Void>
        let client = GObjectRef(adopting: g_socket_client_new())
        g_socket_client_set_tls(client.pointer, secure ? 1 : 0)
        // Where nobody answers, the kernel would ask ever more rarely.
        g_socket_client_set_timeout(client.pointer, 2)
        g_socket_client_connect_to_host_async(
            client.pointer, authority, secure ? 443 : 80, cancellable.pointer,
            { client, result, data in
                MainLoop.assumeIsolated(passing: (client, result, data)) { client, result, data in
                    defer { releaseUserData(data) }
                    Completion.value(of: data)(
                        Result { () throws(GLibError) in try ByteStream.connected(client, result) })
                }
            }, Completion.retain(completion))
    }

    private static func connected(
        _ source: UnsafeMutablePointer<GObject>?, _ result: OpaquePointer?
    ) throws(GLibError) -> ByteStream {
        let client = UnsafeMutableRawPointer(source)?.assumingMemoryBound(to: GSocketClient.self)
        let connection = try withGError { g_socket_client_connect_to_host_finish(client, result, $0) }
        guard let connection else { throw GLibError(message: "no connection") }
        let stream = UnsafeMutableRawPointer(connection).assumingMemoryBound(to: GIOStream.self)
        let adopted = GObjectRef(adopting: stream)
        guard let socket = g_socket_connection_get_socket(connection) else { throw GLibError(message: "no socket") }
        g_socket_set_timeout(socket, 0)
        cglib_socket_prepare(socket)
        let isSecure = g_socket_client_get_tls(client) != 0
        return ByteStream(adopted, over: socket, isSecure: isSecure)
    }
}

/// How long a path may be black before its connection breaks, in milliseconds.
package enum BlackPath: gint {
    /// For a few seconds, as all do that are told nothing else.
    case briefly = 0
    /// A phone of the first generation dials again when it is told that its socket broke, and over a black path nobody
    /// can tell it. So the connection lives on: nothing is written until the path is back, and then it goes at once.
    case patiently = 120_000
}

extension GLibError {
    fileprivate var isWouldBlock: Bool {
        domain == "g-io-error-quark" && code == Int(G_IO_ERROR_WOULD_BLOCK.rawValue)
    }

    /// Whether nobody answered.
    var isSilence: Bool { domain == "g-io-error-quark" && code == Int(G_IO_ERROR_TIMED_OUT.rawValue) }
}

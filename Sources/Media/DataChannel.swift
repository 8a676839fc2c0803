// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Synchronization

/// The phone's data channel: keepalives, either way.
final class DataChannel: Sendable {
    private static let ping: [UInt8] = [0x00, 0x50, 0x49, 0x4E, 0x47]
    private static let pong: [UInt8] = [0x00, 0x50, 0x4F, 0x4E, 0x47]

    private let channel: GObjectRef<OpaquePointer>
    private let connection = Mutex<SignalConnection?>(nil)
    /// Pings are answered as fast as the loop turns, and no faster.
    private let owesPong = Atomic(false)

    /// To be made where webrtcbin announces the channel, lest a message be missed.
    init(_ channel: GObjectRef<OpaquePointer>, onPong: @escaping @MainLoop () -> Void) {
        self.channel = channel
        let handle = { @Sendable [weak self] (message: borrowing Emission) in
            let bytes = message.pointer(0).map { Array(bytes: OpaquePointer($0)) }
            if bytes == DataChannel.pong { MainLoop.post(onPong) }
            guard bytes == DataChannel.ping, self?.owesPong.exchange(true, ordering: .relaxed) == false else { return }
            MainLoop.post { self?.answerPing() }
        }
        connection.withLock { $0 = SignalConnection(channel, onAnyThread: "on-message-data", handle) }
    }

    @MainLoop
    func sendPing() { send(DataChannel.ping) }

    @MainLoop
    private func answerPing() {
        owesPong.store(false, ordering: .relaxed)
        send(DataChannel.pong)
    }

    @MainLoop
    private func send(_ bytes: [UInt8]) {
        // A send on a channel that is not open leaks.
        guard channel.property("ready-state") == Int(GST_WEBRTC_DATA_CHANNEL_STATE_OPEN.rawValue) else { return }
        let data = g_bytes_new(bytes, gsize(bytes.count))
        // What can't be sent gets no answer, which is noticed.
        gst_webrtc_data_channel_send_data_full(channel.pointer, data, nil)
        g_bytes_unref(data)
    }
}

extension [UInt8] {
    init(bytes: OpaquePointer) {
        var size: gsize = 0
        let start = g_bytes_get_data(bytes, &size)
        self.init(UnsafeRawBufferPointer(start: start, count: Int(size)))
    }
}

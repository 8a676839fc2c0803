// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling

/// Why webrtcbin refused something, in its words. They may quote descriptions, ICE passwords included.
struct PeerRefusal: Error, Equatable, Sendable {
    let reason: String
}

extension GObjectRef where Pointer == Element {
    /// Asks webrtcbin by one of its signals. `read` sees the reply on webrtcbin's thread; `then` gets the result on the
    /// loop, unless webrtcbin is torn down before.
    func ask<Value: Sendable>(
        _ signal: String, about subject: UnsafeMutableRawPointer? = nil,
        read: @escaping @Sendable (UnsafePointer<GstStructure>?) -> Value,
        then: @escaping @MainLoop (Result<Value, PeerRefusal>) -> Void
    ) {
        typealias Handler = UserData<@Sendable (UnsafePointer<GstStructure>?) -> Void>
        let handle = Handler.retain { reply in
            let result = refusal(in: reply).map(Result.failure) ?? .success(read(reply))
            MainLoop.post { then(result) }
        }
        let promise = gst_promise_new_with_change_func(
            { promise, handle in
                guard gst_promise_wait(promise) == GST_PROMISE_RESULT_REPLIED else { return }
                Handler.value(of: handle)(gst_promise_get_reply(promise))
            }, handle, releaseUserData)
        cgst_ask(pointer, signal, subject, promise)
        gst_promise_unref(promise)
    }

    /// Waits for the answers to all questions so far: webrtcbin has a thread for them and keeps their order.
    func finishAnswering() {
        // It refuses this. Asking for statistics would do, too, but the names in them stay in memory for ever.
        var message: UnsafeMutablePointer<GstSDPMessage>?
        gst_sdp_message_new(&message)
        let nothing = gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_ROLLBACK, message)
        let promise = gst_promise_new()
        cgst_ask(pointer, "set-remote-description", nothing, promise)
        gst_promise_wait(promise)
        gst_promise_unref(promise)
        gst_webrtc_session_description_free(nothing)
    }

    /// Sets a description that webrtcbin has to copy.
    func set(
        _ signal: String, _ type: GstWebRTCSDPType, _ text: String,
        read: @escaping @Sendable () -> Void = {}, then: @escaping @MainLoop (Result<Void, PeerRefusal>) -> Void
    ) {
        var message: UnsafeMutablePointer<GstSDPMessage>?
        guard gst_sdp_message_new_from_text(text, &message) == GST_SDP_OK, let message else {
            return MainLoop.post { then(.failure(PeerRefusal(reason: "the text is no SDP"))) }
        }
        let description = gst_webrtc_session_description_new(type, message)
        ask(signal, about: description, read: { _ in read() }, then: then)
        gst_webrtc_session_description_free(description)
    }
}

private func refusal(in reply: UnsafePointer<GstStructure>?) -> PeerRefusal? {
    guard let reply, let value = gst_structure_get_value(reply, "error"), let error = g_value_get_boxed(value) else {
        return nil
    }
    return PeerRefusal(reason: String(cString: error.assumingMemoryBound(to: GError.self).pointee.message))
}

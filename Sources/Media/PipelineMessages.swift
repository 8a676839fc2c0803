// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop

typealias Message = UnsafeMutablePointer<GstMessage>

/// What a pipeline's elements say, on their own threads.
enum PipelineMessages {
    private typealias Handler = UserData<@Sendable (Message) -> Void>

    /// Has `handler` called with each message until the pipeline is torn down.
    static func handle(of pipeline: Element, _ handler: @escaping @Sendable (Message) -> Void) {
        let bus = gst_element_get_bus(pipeline)
        gst_bus_set_sync_handler(
            bus,
            { _, message, handler in
                if let message { Handler.value(of: handler)(message) }
                gst_message_unref(message)
                return GST_BUS_DROP
            }, Handler.retain(handler), releaseUserData)
        gst_object_unref(bus)
    }
}

extension Message {
    var error: GLibError? {
        guard cgst_message_type(self) == GST_MESSAGE_ERROR else { return nil }
        var error: UnsafeMutablePointer<GError>?
        gst_message_parse_error(self, &error, nil)
        return error.map { GLibError(adopting: $0) }
    }

    /// What went wrong in a pipeline of this owner's, if the message says so.
    func fault(in owner: Fault.Owner) -> Fault? {
        error.map { Fault($0, of: String(cString: cgst_message_factory(self)), in: owner) }
    }

    /// Whether a streaming thread says that it begins.
    var tellsOfNewThread: Bool {
        guard cgst_message_type(self) == GST_MESSAGE_STREAM_STATUS else { return false }
        var status = GST_STREAM_STATUS_TYPE_CREATE
        gst_message_parse_stream_status(self, &status, nil)
        return status == GST_STREAM_STATUS_TYPE_ENTER
    }

    /// The missing decoder, in words for people.
    var missingPlugin: String? {
        guard cgst_message_type(self) == GST_MESSAGE_ELEMENT, let structure = gst_message_get_structure(self),
            gst_structure_has_name(structure, "missing-plugin") != 0
        else { return nil }
        return gst_structure_get_string(structure, "name").map { String(cString: $0) }
    }
}

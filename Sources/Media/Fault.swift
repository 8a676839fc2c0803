// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop

/// What went wrong in a pipeline, and whose affair it is. Nobody decides by its text.
package struct Fault: Error, Equatable, Sendable {
    package enum Owner: Equatable, Sendable {
        case source
        case stream
        case output(String)
    }

    /// The kind of trouble; GStreamer's names.
    package enum Domain: String, Sendable {
        case core = "gst-core-error-quark"
        case library = "gst-library-error-quark"
        case resource = "gst-resource-error-quark"
        case stream = "gst-stream-error-quark"
        case other
    }

    package let owner: Owner
    /// What kind of element complains, such as `sctpenc`; empty if none does.
    package let element: String
    package let domain: Domain
    package let code: Int
    /// For people.
    package let text: String
}

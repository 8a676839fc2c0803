// SPDX-License-Identifier: Apache-2.0

import MainLoop

/// What went wrong in a pipeline, and who has to deal with it. Nothing is decided by its text.
package struct Fault: Equatable, Sendable, CustomStringConvertible {
    package enum Owner: Equatable, Sendable {
        case source, stream
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

    package var description: String { element.isEmpty ? text : "\(element): \(text)" }
}

extension Fault {
    /// What an element says in a pipeline of this owner's; a source's depayloaders and parsers are the stream's.
    init(_ error: GLibError, of element: String, in owner: Owner) {
        let isOfStream = owner == .source && StreamInlet.elements.contains(element)
        self.init(
            owner: isOfStream ? .stream : owner, element: element, domain: Domain(rawValue: error.domain) ?? .other,
            code: error.code, text: error.message)
    }

    /// One that no element reported.
    init(of owner: Owner, _ text: String) {
        self.init(owner: owner, element: "", domain: .other, code: 0, text: text)
    }
}

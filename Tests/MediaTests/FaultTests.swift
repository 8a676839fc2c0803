// SPDX-License-Identifier: Apache-2.0

import MainLoop
import Testing

@testable import Media

struct FaultTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let element: String
        let domain: Fault.Domain
        let isFarewell: Bool
        var testDescription: String { "\(element), \(domain)" }
    }

    @Test(
        arguments: [
            ("h264parse", .source, .stream), ("errorignore", .source, .stream), ("rtpvp8depay", .source, .stream),
            ("nicesrc", .source, .source), ("", .source, .source), ("h264parse", .output("clip"), .output("clip")),
            ("rtph264depay", .output("clip"), .output("clip")), ("identity", .output("clip"), .output("clip")),
        ] as [(String, Fault.Owner, Fault.Owner)])
    func `an element's fault is that of its pipeline's owner, but for the stream's part of a session`(
        element: String, pipeline: Fault.Owner, owner: Fault.Owner
    ) {
        let fault = Fault(GLibError(message: "no"), of: element, in: pipeline)
        #expect(fault == Fault(owner: owner, element: element, domain: .other, code: 0, text: "no"))
    }

    @Test(arguments: [
        Row(element: "sctpenc", domain: .resource, isFarewell: true),
        Row(element: "sctpenc", domain: .stream, isFarewell: false),
        Row(element: "sctpdec", domain: .resource, isFarewell: false),
        Row(element: "nicesrc", domain: .resource, isFarewell: false),
        Row(element: "dtlssrtpdec", domain: .resource, isFarewell: false),
        Row(element: "", domain: .other, isFarewell: false),
    ])
    func `what an element's fault means does not hang on its text`(row: Row) {
        for text in ["", "sctpenc", "SCTP association went into error state"] {
            let fault = Fault(owner: .source, element: row.element, domain: row.domain, code: 1, text: text)
            #expect(PeerFailure(fault) == (row.isFarewell ? .closedByPeer : .pipeline(fault)))
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Media

struct FaultTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let element: String
        let domain: Fault.Domain
        let isFarewell: Bool
        var testDescription: String { "\(element), \(domain)" }
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

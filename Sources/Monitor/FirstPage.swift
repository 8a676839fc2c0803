// SPDX-License-Identifier: Apache-2.0

import Signaling
import Sockets
import Text
import Web

extension Pages {
    /// What is here, and how a phone comes here: a page, or the same for a program.
    func firstPage(for request: HTTPRequest) -> HTTPResponse {
        guard request.wantsPage else {
            let names = cameras().map { JSONValue.string($0.description) }
            let facts: JSONValue = [
                "version": .string(version), "cameras": .array(names),
                "camera_pages": .array(phoneAddresses.map { .string($0) }),
            ]
            return .json(200, facts.text)
        }
        let query = request.query["token"].map { "?token=\($0.percentEncoded)" } ?? ""
        let names = cameras().map { "<li>\($0)</li>" }
        let links = phoneAddresses.map { #"<li><a href="\#(($0 + query).asHTML)">\#($0.asHTML)</a></li>"# }
        return .page(
            firstTemplate,
            [
                "version": version.asHTML, "phones": links.joined(),
                "cameras": names.isEmpty ? "<p>None yet.</p>" : "<ul role=\"list\">\(names.joined())</ul>",
            ])
    }
}

extension String {
    fileprivate var percentEncoded: String {
        utf8.reduce(into: "") { text, byte in
            switch Unicode.Scalar(byte) {
            case let letter where "a"..."z" ~= letter || "A"..."Z" ~= letter || "0"..."9" ~= letter:
                text.unicodeScalars.append(letter)
            default: text += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}

private let firstTemplate = String(decoding: PackageResources.first_html, as: UTF8.self)

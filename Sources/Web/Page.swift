// SPDX-License-Identifier: Apache-2.0

import Signaling
import Sockets
import Text

extension HTTPRequest {
    /// Whether a browser will show the answer; programs get JSON.
    package var wantsPage: Bool { headers["accept"]?.contains("text/html") ?? false }
}

extension HTTPResponse {
    /// A self-contained page. Only styles and scripts with `{{nonce}}` are used, and scripts only if it `connects`; each of
    /// `values` replaces its `{{name}}`, as HTML.
    package static func page(
        _ template: String, status: Int = 200, _ values: [String: String] = [:], connects: Bool = false
    ) -> HTTPResponse {
        let nonce = String(UInt128.random(in: 0 ... .max), radix: 36)
        let text = values.reduce(template.replacing("{{nonce}}", with: nonce)) {
            $0.replacing("{{\($1.key)}}", with: $1.value)
        }
        var policy = ["default-src 'none'", "style-src 'nonce-\(nonce)'", "img-src data:"]
        // Safari before 15.4 takes 'self' for no WebSocket.
        if connects { policy += ["script-src 'nonce-\(nonce)'", "connect-src 'self' ws: wss:"] }
        policy += ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]
        var response = HTTPResponse(status: status, type: "text/html; charset=utf-8", body: Array(text.utf8))
        response.headers.merge([
            "Content-Security-Policy": policy.joined(separator: "; "),
            "X-Content-Type-Options": "nosniff",
            // The page's address holds the token.
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        ]) { $1 }
        return response
    }

    /// In words for a browser, as JSON for a program.
    static func refusal(_ why: Refusal, to request: HTTPRequest? = nil) -> HTTPResponse {
        var response =
            request?.wantsPage == true
            ? page(refusalTemplate, status: why.status, ["title": why.words.title, "advice": why.words.advice])
            : json(why.status, JSONValue.object(["error": .string(why.rawValue), "advice": .string(why.advice)]).text)
        // Its browser would hide the refusal from the page, were it not open to every origin.
        if why == .origin { response.headers["Access-Control-Allow-Origin"] = "*" }
        return response
    }
}

extension Refusal {
    /// For people.
    fileprivate var words: (title: String, advice: String) {
        switch self {
        case .token:
            (
                "A token is needed",
                "Open the address that framewatch gave you as a whole: it has the token in it, as ?token=… or /t/…."
            )
        case .origin: ("This page may not connect", "Its origin is not among the allowed ones.")
        case .path: ("There is nothing here", "Phones open /camera or /camera/NAME; / says what else there is.")
        case .method: ("It cannot be asked like that", "This address wants another method.")
        case .body: ("That was too much", "This address takes no body, or a smaller one.")
        case .full: ("Too many are here", "Try again in a moment.")
        }
    }
}

extension String {
    /// Escaped for use between tags or in an attribute.
    package var asHTML: String {
        reduce(into: "") { html, letter in
            switch letter {
            case "&": html += "&amp;"
            case "<": html += "&lt;"
            case ">": html += "&gt;"
            case "\"": html += "&quot;"
            case "'": html += "&#39;"
            default: html.append(letter)
            }
        }
    }
}

private let refusalTemplate = """
    <!doctype html>
    <html lang="en">
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{{title}} · framewatch</title>
    <link rel="icon" href="data:,">
    <style nonce="{{nonce}}">
      :root { color-scheme: light dark; }
      body { max-width: 34rem; margin: 15vh auto; padding: 0 24px; font: 17px/1.5 system-ui, sans-serif; }
      h1 { font-size: 1.4rem; }
    </style>
    <main><h1>{{title}}</h1><p>{{advice}}</p></main>

    """

// SPDX-License-Identifier: Apache-2.0

/// A path with a token before it, `/t/TOKEN/camera`: for clients that keep no more of an address than its path.
package struct TokenPath {
    package let token: String?
    /// The path as it is without.
    package let rest: String

    package init(_ path: String) {
        let parts = path.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0].isEmpty, parts[1] == "t", !parts[2].isEmpty else {
            (token, rest) = (nil, path)
            return
        }
        token = String(parts[2])
        rest = "/" + (parts.count == 4 ? parts[3] : "")
    }
}

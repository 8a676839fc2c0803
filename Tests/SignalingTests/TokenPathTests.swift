// SPDX-License-Identifier: Apache-2.0

import Signaling
import Testing

struct TokenPathTests {
    @Test(arguments: [
        ("/t/secret/camera", "secret", "/camera"), ("/t/secret/camera/t/x", "secret", "/camera/t/x"),
        ("/t/secret/", "secret", "/"), ("/t/secret", "secret", "/"), ("/t//camera", nil, "/t//camera"),
        ("/t/", nil, "/t/"), ("/t", nil, "/t"), ("/camera/t/secret", nil, "/camera/t/secret"), ("", nil, ""),
        ("//t/secret/camera", nil, "//t/secret/camera"), ("t/secret/camera", nil, "t/secret/camera"),
        ("/T/secret/camera", nil, "/T/secret/camera"),
    ])
    func `a token may stand before a path, and nowhere else`(path: String, token: String?, rest: String) {
        #expect(TokenPath(path).token == token)
        #expect(TokenPath(path).rest == rest)
    }
}

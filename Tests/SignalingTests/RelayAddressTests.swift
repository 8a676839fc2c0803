// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Signaling

struct RelayAddressTests {
    static let addresses: [(String, RelayAddress.Role, String)] = [
        ("/camera", .camera, "default"), ("/viewer", .viewer, "default"), ("/camera/", .camera, "default"),
        ("/camera/front-door", .camera, "front-door"), ("/viewer/a.b_C-9", .viewer, "a.b_C-9"),
        ("/camera?token=/viewer", .camera, "default"), ("/ws/camera", .camera, "default"),
        ("/viewer/camera", .viewer, "camera"), ("/camera/default", .camera, "default"),
        ("/camera/" + String(repeating: "x", count: 64), .camera, String(repeating: "x", count: 64)),
    ]

    @Test("an address says who comes, and for which camera", arguments: addresses)
    func reads(path: String, role: RelayAddress.Role, name: String) {
        let address = RelayAddress(path: path)
        #expect(address?.role == role)
        #expect(address?.camera.description == name)
    }

    @Test(
        "other addresses are refused",
        arguments: [
            "", "/", "camera", "/cameras", "/camera/a/b", "/camera/a b", "/camera/%41", "/camera/é", "/camera/..",
            "/viewer/.", "/?/camera", "/status", "/Camera", "/camera/" + String(repeating: "x", count: 65),
        ])
    func refuses(path: String) {
        #expect(RelayAddress(path: path) == nil)
    }

    @Test(
        "a token may stand before a path, and nowhere else",
        arguments: [
            ("/t/secret/camera", "secret", "/camera"), ("/t/secret/camera/t/x", "secret", "/camera/t/x"),
            ("/t/secret/", "secret", "/"), ("/t/secret", "secret", "/"), ("/t//camera", nil, "/t//camera"),
            ("/t/", nil, "/t/"), ("/t", nil, "/t"), ("/camera/t/secret", nil, "/camera/t/secret"), ("", nil, ""),
            ("//t/secret/camera", nil, "//t/secret/camera"), ("t/secret/camera", nil, "t/secret/camera"),
            ("/T/secret/camera", nil, "/T/secret/camera"),
        ])
    func tokens(path: String, token: String?, rest: String) {
        #expect(TokenPath(path).token == token)
        #expect(TokenPath(path).rest == rest)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A small disk of a test's own, in a file, that can be broken. It needs root, and goes with its test.
final class Disk {
    enum Fault: CaseIterable {
        case full, readOnly, frozen
    }

    let path: String
    private let image: String

    init() async throws {
        let name = FileManager.default.temporaryDirectory.appending(path: "framewatch-disk-\(UUID().uuidString)").path
        (path, image) = (name, name + ".img")
        try await Program.tool([
            "sh", "-ec",
            """
            truncate -s 8M \(image)
            mkfs.ext4 -q -m 0 \(image)
            mkdir \(path)
            mount -o loop \(image) \(path)
            """,
        ]).succeed()
    }

    deinit {
        let cleaner = try? Program.tool(["sh", "-c", "umount --lazy \(path); rmdir \(path); rm \(image)"])
        cleaner?.process.waitUntilExit()
    }

    /// Whether this machine lets us make one, and freeze it.
    static func isPossible() async -> Bool {
        do {
            let disk = try await Disk()
            try await disk.suffer(.frozen)
            try await disk.heal(.frozen)
            return true
        } catch {
            print("no disk of our own for tests: \(error)")
            return false
        }
    }

    func suffer(_ fault: Fault) async throws {
        switch fault {
        // A large write that fails leaves room for small ones.
        case .full:
            let fill = "for size in 65536 512; do while head -c $size /dev/zero; do :; done; done"
            try await run("\(fill) > \(path)/ballast")
        // While something is being written it is busy.
        case .readOnly: try await run("until mount -o remount,ro \(path); do sleep 0.05; done")
        case .frozen: try await run("fsfreeze --freeze \(path)")
        }
    }

    func heal(_ fault: Fault) async throws {
        switch fault {
        case .full: try await run("rm \(path)/ballast")
        case .readOnly: try await run("mount -o remount,rw \(path)")
        case .frozen: try await run("fsfreeze --unfreeze \(path)")
        }
    }

    private func run(_ command: String) async throws {
        try await Program.tool(["sh", "-ec", "exec 2>/dev/null; \(command)"]).succeed()
    }
}

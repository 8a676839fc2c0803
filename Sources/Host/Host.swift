// SPDX-License-Identifier: Apache-2.0

import CGLib
import Glibc
import MainLoop

/// What the service asks of the machine: its environment, small files, other programs and limits (GLib and glibc).
package enum Host {
    package enum ReadError: Error, Equatable, CustomStringConvertible {
        case missing
        /// Why, in words for people.
        case unreadable(String)

        package var description: String {
            switch self {
            case .missing: "no such file"
            case .unreadable(let why): why
            }
        }
    }

    /// The environment's variables; what is not UTF-8 arrives repaired.
    package static var environment: [String: String] {
        guard let names = g_listenv() else { return [:] }
        defer { g_strfreev(names) }
        var variables: [String: String] = [:]
        var next = names
        while let name = next.pointee {
            variables[String(cString: name)] = g_getenv(name).map { String(cString: $0) }
            next += 1
        }
        return variables
    }

    /// The text of a file of at most `limit` bytes; nothing is read beyond that, not even of an endless device.
    package static func text(ofFile path: String, limit: Int) throws(ReadError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        var problem: CInt = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit + 1) { buffer, count in
            while count < buffer.count {
                let taken = read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
                if taken > 0 { count += taken }
                if taken == 0 { return }
                if taken < 0 && errno != EINTR {
                    problem = errno
                    return
                }
            }
        }
        if problem != 0 { throw failure(problem) }
        guard bytes.count <= limit else { throw .unreadable("it is longer than \(limit) bytes") }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .unreadable("it is not UTF-8 text") }
        return text
    }

    private static func failure(_ code: CInt) -> ReadError {
        code == ENOENT || code == ENOTDIR ? .missing : .unreadable(String(cString: strerror(code)))
    }

    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Claims a file for as long as this process lives; false if another process has it.
    package static func claim(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        // The lock goes with the descriptor, which is not closed then.
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        Glibc.close(descriptor)
        return false
    }

    /// Makes a file of `text` that only we may read, whole or not at all, and the directories above it. An existing file
    /// is left alone: of two that make it at once, the second finds the first's.
    package static func createPrivately(_ text: String, atFile path: String) throws(GLibError) {
        try makeDirectory(of: path)
        let draft = "\(path).\(UInt64.random(in: .min ... .max))"
        defer { unlink(draft) }
        _ = try withGError {
            g_file_set_contents_full(draft, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0o600, $0)
        }
        guard link(draft, path) == 0 || errno == EEXIST else {
            throw GLibError(message: "cannot make \(path): \(String(cString: strerror(errno)))")
        }
    }

    static func makeDirectory(of path: String) throws(GLibError) {
        let directory = g_path_get_dirname(path)
        defer { g_free(directory) }
        guard g_mkdir_with_parents(directory, 0o700) == 0 else {
            throw GLibError(message: "cannot make the directory of \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Runs a program to its end and returns what it printed; a status other than 0 throws its last words.
    package static func output(of words: [String]) throws(GLibError) -> String {
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var output: UnsafeMutablePointer<CChar>?
        var complaint: UnsafeMutablePointer<CChar>?
        defer {
            g_free(output)
            g_free(complaint)
        }
        var status: CInt = 0
        _ = try withGError {
            g_spawn_sync(nil, &arguments, nil, G_SPAWN_SEARCH_PATH, nil, nil, &output, &complaint, &status, $0)
        }
        if status == 0 { return output.map { String(cString: $0) } ?? "" }
        let lines = complaint.map { String(cString: $0).split(separator: "\n") } ?? []
        throw GLibError(message: "\(words[0]) failed: \(lines.last ?? "without a word")")
    }

    /// Makes a self-signed certificate, valid for ten years, as PEM with its key (P-256).
    package static func selfSignedCertificate(_ more: String...) throws(GLibError) -> String {
        try output(
            of: [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", "3650", "-subj", "/CN=framewatch", "-keyout", "/dev/stdout", "-out", "/dev/stdout",
            ] + more)
    }

    /// Occupies standard input, output and error where they are closed, lest another file open there and get the lines
    /// that are meant for them.
    package static func occupyStandardDescriptors() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Lets the process have as many descriptors as the system allows, and says how many that is.
    package static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        return Int(clamping: setrlimit(resource, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur)
    }

    /// Has memory of large buffers given back to the system, and keeps threads from having a heap each.
    package static func boundMemory() {
        // Once set, it stays: glibc would raise it with every large buffer that is freed.
        mallopt(M_MMAP_THRESHOLD, 128 * 1024)
        mallopt(M_ARENA_MAX, 2)
    }

    package static var name: String { String(cString: g_get_host_name()) }
}

// SPDX-License-Identifier: Apache-2.0

import CGLib
import Glibc

/// What the machine hands to the process when it starts: its environment, and the text of small files.
package enum Host {
    package enum ReadError: Error, Equatable {
        case missing
        /// Why, in words for people.
        case unreadable(String)
    }

    /// The environment's variables; bytes that are no UTF-8 arrive repaired.
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

    /// The text of a file of at most `limit` bytes; a longer one, or an endless device, is read no further than that.
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
}

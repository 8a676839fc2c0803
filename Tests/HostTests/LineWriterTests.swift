// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Host

@Suite("Lines that are written by a thread of their own")
struct LineWriterTests {
    /// A pipe, its writing end without blocking as a terminal's may be.
    struct Pipe {
        let reading: CInt
        let writing: CInt

        init(flags: CInt = 0) {
            var ends: [CInt] = [0, 0]
            _ = pipe(&ends)
            (reading, writing) = (ends[0], ends[1])
            _ = fcntl(writing, F_SETFL, flags)
        }

        /// All that is written until the other end is closed.
        func text() -> String {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = read(reading, &buffer, buffer.count)
                if count < 0 && errno == EAGAIN { continue }
                guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
                bytes += buffer[..<count]
            }
        }
    }

    @Test func `lines come out in their order, and drain waits for the last`() throws {
        let pipe = Pipe()
        let writer = try LineWriter(descriptor: pipe.writing)
        for number in 1...100 { writer.write("line \(number)") }
        writer.drain(atMost: .seconds(10))
        close(pipe.writing)
        #expect(pipe.text() == (1...100).map { "line \($0)\n" }.joined())
    }

    @Test(arguments: [0, O_NONBLOCK])
    func `a pipe that nobody reads holds up the thread, not the writer; what was lost is counted`(flags: CInt) throws {
        let pipe = Pipe(flags: flags)
        let writer = try LineWriter(descriptor: pipe.writing)
        let line = String(repeating: "x", count: 99)
        let written = 30_000
        for _ in 0..<written { writer.write(line) }
        // Nobody has read a byte, and all of them were taken or counted.
        let reader = Thread { pipe.text() }
        writer.drain(atMost: .seconds(20))
        // The note about what was lost goes out with the next line.
        writer.write("last")
        writer.drain(atMost: .seconds(20))
        close(pipe.writing)
        let lines = reader.join().split(separator: "\n")
        let notes = lines.filter { $0.contains("lines were lost here") }
        let lost = notes.reduce(0) { $0 + (Int($1.filter(\.isNumber)) ?? 0) }
        #expect(lost > 0)
        #expect(lines.count { $0 == line } + lost == written)
        #expect(lines.contains("last"))
    }

    @Test func `what a full disk does not take is counted`() throws {
        let full = open("/dev/full", O_WRONLY)
        let writer = try LineWriter(descriptor: full)
        for _ in 0..<5 { writer.write("lost") }
        writer.drain(atMost: .seconds(10))
        // The disk has room again.
        let pipe = Pipe()
        dup2(pipe.writing, full)
        close(pipe.writing)
        writer.write("kept")
        writer.drain(atMost: .seconds(10))
        close(full)
        #expect(pipe.text() == "(5 lines were lost here)\nkept\n")
    }

    @Test func `a path that cannot be opened says why, a pipe without a reader included`() throws {
        let path = "/tmp/framewatch-fifo-\(getpid())"
        mkfifo(path, 0o600)
        defer { unlink(path) }
        #expect(throws: LineWriter.Failure(description: "cannot write \(path): No such device or address")) {
            try LineWriter(path: path)
        }
        #expect(throws: LineWriter.Failure(description: "cannot write /nowhere/log: No such file or directory")) {
            try LineWriter(path: "/nowhere/log")
        }
    }

    /// Runs a closure on a thread of its own.
    final class Thread: @unchecked Sendable {
        private var thread = pthread_t()
        private var result = ""
        private let body: () -> String

        init(_ body: @escaping @Sendable () -> String) {
            self.body = body
            pthread_create(
                &thread, nil,
                { pointer in
                    guard let pointer else { return nil }
                    let thread = Unmanaged<Thread>.fromOpaque(pointer).takeUnretainedValue()
                    thread.result = thread.body()
                    return nil
                }, Unmanaged.passUnretained(self).toOpaque())
        }

        func join() -> String {
            pthread_join(thread, nil)
            return result
        }
    }
}

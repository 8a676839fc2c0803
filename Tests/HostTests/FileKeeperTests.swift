// SPDX-License-Identifier: Apache-2.0

import Glibc
import MainLoop
import Synchronization
import Testing
import Timing

@testable import Host

@Suite("Files that are kept by a thread of its own", .timeLimit(.minutes(1)))
struct FileKeeperTests {
    /// A keeper, and what it tells.
    struct Watched {
        let keeper: FileKeeper
        let news: AsyncStream<FileKeeper.News>

        init(patience: Duration = .seconds(60)) {
            let (news, teller) = AsyncStream<FileKeeper.News>.makeStream()
            self.news = news
            keeper = FileKeeper(patience: patience) { teller.yield($0) }
        }

        func next() async -> FileKeeper.News? {
            for await word in news { return word }
            return nil
        }
    }

    static let failure: FileKeeper.Job = { () throws(GLibError) in throw GLibError(message: "no room") }

    @Test func `jobs are done in their order, and drain waits for the last`() {
        let keeper = Watched().keeper
        let done = Mutex<[Int]>([])
        // Fewer than may wait.
        for number in 1...50 { keeper.enqueue { done.withLock { $0.append(number) } } }
        keeper.drain(atMost: .seconds(20))
        #expect(done.withLock { $0 } == Array(1...50))
    }

    @Test func `a failure is told once, and then that it is over`() async {
        let watched = Watched()
        for _ in 1...3 { watched.keeper.enqueue(Self.failure) }
        watched.keeper.enqueue {}
        watched.keeper.enqueue {}
        watched.keeper.enqueue(Self.failure)
        #expect(await watched.next() == .failing("no room"))
        #expect(await watched.next() == .keepingAgain(lost: 3))
        #expect(await watched.next() == .failing("no room"))
    }

    @Test func `a job that hangs holds up nobody, and the oldest of too many are lost`() async {
        let watched = Watched(patience: .zero)
        let (start, end) = (Self.pipe(), Self.pipe())
        let done = Mutex<[Int]>([])
        watched.keeper.enqueue {
            close(start.writing)
            Self.awaitEnd(of: end.reading)
        }
        Self.awaitEnd(of: start.reading)
        for number in 1...200 { watched.keeper.enqueue { done.withLock { $0.append(number) } } }
        #expect(await watched.next() == .failing("the disk does not answer"))
        close(end.writing)
        watched.keeper.drain(atMost: .seconds(20))
        let kept = done.withLock { $0 }
        #expect(kept == Array((201 - kept.count)...200))
        #expect(await watched.next() == .keepingAgain(lost: 200 - kept.count))
    }

    private static func pipe() -> (reading: CInt, writing: CInt) {
        var ends: [CInt] = [0, 0]
        _ = Glibc.pipe(&ends)
        return (ends[0], ends[1])
    }

    private static func awaitEnd(of reading: CInt) {
        var byte: UInt8 = 0
        _ = read(reading, &byte, 1)
        close(reading)
    }

    @Test func `a file is replaced whole, and what cannot be written says so and leaves nothing behind`() throws {
        let directory = "/tmp/framewatch-keeper-\(getpid())"
        let file = "\(directory)/a/b.json"
        for text in ["one", "two"] {
            try Host.replacePrivately(text, atFile: file)
            #expect(try Host.text(ofFile: file, limit: 10) == text)
        }
        #expect(try Host.names(inDirectory: "\(directory)/a") == ["b.json"])
        #expect(throws: GLibError.self) { try Host.replacePrivately("", atFile: "\(file)/c") }
        try Host.rename(file, to: "\(directory)/a/c.json")
        try Host.remove("\(directory)/a/c.json")
        try Host.remove("\(directory)/a/c.json")
        #expect(throws: GLibError.self) { try Host.rename(file, to: file) }
        #expect(try Host.names(inDirectory: "\(directory)/a") == [])
        #expect(try Host.names(inDirectory: "\(directory)/nowhere") == [])
        rmdir("\(directory)/a")
        rmdir(directory)
    }

    @Test(arguments: [
        ("x.json.AB12CD", true), ("x.json", false), ("x.json.broken-1", false), ("AB12CD", false), ("", false),
        ("x.txt.AB12CD", false), ("x.json-AB12CD", false),
    ])
    func `a draft is known by its name`(name: String, isDraft: Bool) {
        #expect(Host.isDraft(name, ofFile: ".json") == isDraft)
    }
}

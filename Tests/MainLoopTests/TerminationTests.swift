// SPDX-License-Identifier: Apache-2.0

import Glibc
import MainLoop
import Testing

@MainLoop
@Suite(.serialized) struct TerminationTests {
    @Test(arguments: TerminationSignal.allCases)
    func `each signal is an event, a second one of its kind too`(signal: TerminationSignal) async {
        let (events, continuation) = AsyncStream.makeStream(of: TerminationSignal.self)
        let signals = TerminationSignals { continuation.yield($0) }
        var arriving = events.makeAsyncIterator()
        for _ in 1...2 {
            kill(getpid(), signal.rawValue)
            #expect(await arriving.next() == signal)
        }
        withExtendedLifetime(signals) {}
    }

    @Test func `writing to a peer that hung up is an error and no signal`() {
        var ends: [CInt] = [0, 0]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        #expect(write(ends[1], "x", 1) == -1 && errno == EPIPE)
        close(ends[1])
    }
}

// SPDX-License-Identifier: Apache-2.0

import Media
import Testing

@testable import Receiver

struct WordingTests {
    @Test func `of what ICE says only what changes for good is news`() {
        let states: [ICEState] = [
            .new, .checking, .connected, .completed, .connected, .completed, .completed, .connected, .disconnected,
            .connected, .completed, .connected, .failed,
        ]
        var told: [ICEState] = []
        for state in states where state.isNews(after: told.last) { told.append(state) }
        #expect(
            told == [.new, .checking, .connected, .completed, .disconnected, .connected, .completed, .failed])
    }
}

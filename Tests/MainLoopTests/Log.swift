// SPDX-License-Identifier: Apache-2.0

import MainLoop

/// What has happened on the loop, in order.
@MainLoop
final class Log<Entry> {
    private(set) var entries: [Entry] = []

    nonisolated init() {}

    func append(_ entry: Entry) {
        entries.append(entry)
    }
}

/// Returns once the loop has done what was posted before.
func turn() async {
    await withCheckedContinuation { done in
        MainLoop.post { done.resume() }
    }
}

// SPDX-License-Identifier: Apache-2.0

import MainLoop

/// The connections of all cameras, until their teardowns are done.
@MainLoop
final class OpenPeers {
    /// With so many teardowns that hang the process has lost too many threads to go on.
    static let mostLate = 8

    private struct Peer: Hashable {
        let owner: ObjectIdentifier
        let session: Int
    }

    private let exhausted: () -> Void
    private var count = 0
    private var late: Set<Peer> = []
    private var closing: FirstAnswer<Void>?

    /// `exhausted` is called when only a new process helps.
    init(exhausted: @escaping @MainLoop () -> Void) { self.exhausted = exhausted }

    func opened() { count += 1 }

    /// Its teardown is over its limit.
    func late(_ session: Int, of owner: AnyObject) {
        late.insert(Peer(owner: ObjectIdentifier(owner), session: session))
        if late.count >= OpenPeers.mostLate { exhausted() }
    }

    func closed(_ session: Int, of owner: AnyObject) {
        count -= 1
        late.remove(Peer(owner: ObjectIdentifier(owner), session: session))
        if count == 0 { closing?.give(()) }
    }

    /// Returns once all are closed, or `limit` has passed.
    func allClosed(within limit: Duration) async {
        guard count > 0 else { return }
        await withCheckedContinuation { done in
            closing = FirstAnswer(within: limit) { _ in done.resume() }
        }
    }
}

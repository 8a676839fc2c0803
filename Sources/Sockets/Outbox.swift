// SPDX-License-Identifier: Apache-2.0

/// The frames that a WebSocket has not sent yet: bounded, however slow the peer.
///
/// 1. Text and control frames are never dropped and go out in order. If they alone exceed the bound, the peer is beyond
///    help: `add` says so.
/// 2. If a picture doesn't fit, the oldest pictures that have not begun are dropped, then the new one itself.
/// 3. What the stream was offered has begun, even if it took nothing: TLS has encrypted it, and will count it as sent
///    when it is offered again.
/// 4. An empty outbox takes anything: the limit to a message bounds it.
struct Outbox {
    enum Kind {
        case message, picture
    }

    enum Outcome: Equatable {
        case queued(droppedPictures: Int)
        case overflow
    }

    private struct Entry {
        let bytes: [UInt8]
        let kind: Kind
    }

    private let bound: Int
    private let batch: Int
    /// Those before `first` have gone out.
    private var entries: [Entry] = []
    private var first = 0
    private var sentOfFirst = 0
    /// How many, from `first` on, the stream was offered.
    private var offered = 0
    private(set) var unsentBytes = 0

    var isEmpty: Bool { first == entries.count }

    init(bound: Int, batch: Int = 64 * 1024) {
        self.bound = bound
        self.batch = batch
    }

    /// What goes out next: small frames together, up to `batch` bytes, so that they cost one system call.
    mutating func offer() -> ArraySlice<UInt8>? {
        guard !isEmpty else { return nil }
        var bytes = entries[first].bytes[sentOfFirst...]
        offered = 1
        for entry in entries[(first + 1)...] {
            guard bytes.count + entry.bytes.count <= batch else { break }
            bytes += entry.bytes
            offered += 1
        }
        return bytes
    }

    /// The stream took this many bytes of what it was offered.
    mutating func sent(_ count: Int) {
        unsentBytes -= count
        sentOfFirst += count
        while !isEmpty, sentOfFirst >= entries[first].bytes.count {
            sentOfFirst -= entries[first].bytes.count
            entries[first] = Entry(bytes: [], kind: .message)
            first += 1
            offered -= 1
        }
        if first * 2 >= entries.count {
            entries.removeFirst(first)
            first = 0
        }
    }

    mutating func add(_ frame: WebSocketFrame, _ kind: Kind) -> Outcome {
        var dropped = 0
        while !fits(frame), let oldest = oldestPicture {
            unsentBytes -= entries.remove(at: oldest).bytes.count
            dropped += 1
        }
        guard fits(frame) else {
            return kind == .picture ? .queued(droppedPictures: dropped + 1) : .overflow
        }
        entries.append(Entry(bytes: frame.bytes, kind: kind))
        unsentBytes += frame.bytes.count
        return .queued(droppedPictures: dropped)
    }

    /// Drops all that has not begun.
    mutating func discardUnbegun() {
        let unbegun = entries[firstUnbegun...]
        unsentBytes -= unbegun.reduce(0) { $0 + $1.bytes.count }
        entries.removeLast(unbegun.count)
    }

    private func fits(_ frame: WebSocketFrame) -> Bool { isEmpty || unsentBytes + frame.bytes.count <= bound }

    private var firstUnbegun: Int { first + offered }

    private var oldestPicture: Int? { entries[firstUnbegun...].firstIndex { $0.kind == .picture } }
}

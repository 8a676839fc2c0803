// SPDX-License-Identifier: Apache-2.0

import Timing

/// A camera's frames: one every `period`, each up to `jitter` late. In microseconds.
package struct Source: Equatable, Sendable {
    package var period: Int
    package var jitter: Int

    package init(period: Int, jitter: Int) {
        self.period = period
        self.jitter = jitter
    }
}

/// A connection's frames in order of arrival, one ahead; a generator, for there are millions.
struct FrameStream: Sendable {
    /// How the network treats frames.
    struct Weather: Equatable, Sendable {
        /// Of 256 frames.
        var lost = 0
        var delay = Duration.zero
        var isReordering = false
    }

    /// When the next frame arrives; `never` if none is on its way.
    private(set) var arrival = Instant.never
    private(set) var timestamp: UInt32 = 0
    var source: Source
    var weather = Weather()
    /// The picture is frozen: frames come, all with the same timestamp.
    var isFrozen = false
    var dice: Dice
    private var due = Instant.start
    /// The timestamp that arrived last.
    private var arrived: UInt32 = 0
    /// The sender's 90 kHz clock.
    private var clock: UInt32 = 0
    /// The timestamp of a frame that another has overtaken.
    private var overtaken: UInt32?

    var isFlowing: Bool { arrival < .never }

    init(source: Source, dice: Dice) {
        self.source = source
        self.dice = dice
    }

    /// A new connection: the sender's clock starts anywhere, and now and then just where the last one stopped.
    mutating func restart() {
        isFrozen = false
        overtaken = nil
        clock = dice.chance(1, in: 8) ? arrived &- ticks : UInt32(truncatingIfNeeded: dice.roll())
    }

    mutating func flow(from first: Instant) {
        due = first
        arrival = first
        stamp(dice.roll())
    }

    mutating func stop() { arrival = .never }

    /// Moves on to the next frame. One roll decides nearly everything; each chance has bits of its own.
    mutating func advance() {
        arrived = timestamp
        var roll = dice.roll()
        var period = source.period
        while Int(roll & 0xFF) < weather.lost || (roll >> 8) & 0xFFF == 0 {
            period += source.period
            clock &+= ticks
            roll = dice.roll()
        }
        if (roll >> 20) & 0x1FFF == 0 { period += Int(roll >> 42) }
        due += .microseconds(period)
        let late = (source.jitter * Int((roll >> 33) & 0xFFFF)) >> 16
        arrival = max(arrival, due + weather.delay + .microseconds(late))
        stamp(roll >> 49)
    }

    private mutating func stamp(_ roll: UInt64) {
        if isFrozen || roll & 0x3FF == 0 { return }
        if let late = overtaken {
            timestamp = late
            overtaken = nil
            return
        }
        clock &+= ticks
        if weather.isReordering && roll & 0x1000 != 0 {
            overtaken = clock
            clock &+= ticks
        }
        timestamp = clock
    }

    private var ticks: UInt32 { UInt32(truncatingIfNeeded: source.period * 9 / 100) }
}

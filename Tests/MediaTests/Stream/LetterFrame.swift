// SPDX-License-Identifier: Apache-2.0

import Timing

@testable import Media

/// A frame as queues see it: `K` is a keyframe and `d` what follows it, `H` and `h` the same in another format.
struct LetterFrame: QueuedFrame, Equatable {
    let letter: Character
    let number: Int

    var isKeyframe: Bool { letter.isUppercase }
    var size: Int { 10 }
    var time: Duration { .milliseconds(100 * number) }
    var format: StreamFormat { "Hh".contains(letter) ? .h264 : .vp8 }
}

/// As many as letters, numbered from 0.
func frames(_ letters: String) -> [LetterFrame] {
    letters.enumerated().map { LetterFrame(letter: $1, number: $0) }
}

extension StreamFormat {
    static let vp8 = StreamFormat(codec: .vp8, width: 160, height: 120, profile: "0")
    static let h264 = StreamFormat(codec: .h264, width: 160, height: 120, profile: "constrained-baseline")
}

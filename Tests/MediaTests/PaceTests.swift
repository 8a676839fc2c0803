// SPDX-License-Identifier: Apache-2.0

import Testing
import Timing

@testable import Media

struct PaceTests {
    /// How many milliseconds each frame waits; a frame is a pair of its position and of when it comes.
    private static func waits(of frames: [(position: Int, at: Int)]) -> [Int] {
        var pace = Pace()
        return frames.map { frame in
            let now = Instant(sinceOrigin: .milliseconds(1_000_000 + frame.at))
            return Int(pace.schedule(.milliseconds(frame.position), at: now) / .milliseconds(1))
        }
    }

    @Test(
        arguments: [
            ("it sets the pace", [(0, 0), (33, 0), (66, 33)], [0, 33, 33]),
            ("wherever the video begins", [(5_000, 0), (5_033, 10)], [0, 23]),
            ("a little lateness is caught up with", [(0, 0), (33, 150), (66, 150), (200, 150)], [0, 0, 0, 50]),
            ("a lot of it is forgotten", [(0, 0), (33, 20_000), (66, 20_000)], [0, 0, 33]),
            ("as is a video that begins anew", [(5_000, 0), (0, 10), (33, 10)], [0, 0, 33]),
            ("and one that leaps", [(0, 0), (60_000, 33), (60_033, 33)], [0, 0, 33]),
        ] as [(String, [(position: Int, at: Int)], [Int])])
    func `a frame waits until it is due`(why: String, frames: [(position: Int, at: Int)], expected: [Int]) {
        #expect(PaceTests.waits(of: frames) == expected, "\(why)")
    }
}

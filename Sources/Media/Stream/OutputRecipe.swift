// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop

/// What an output is made of.
package struct OutputRecipe: Sendable {
    /// How far one pipeline goes; beyond it a new one begins.
    package enum Reach: Sendable {
        case codec
        /// What one decoder takes without beginning anew.
        case format

        func goesOn(from: StreamFormat, to: StreamFormat) -> Bool {
            switch self {
            case .codec: from.codec == to.codec
            case .format: from == to
            }
        }
    }

    /// In log and metrics.
    package let name: String
    package let reach: Reach
    package let bound: FrameBound
    /// What follows the appsrc, as `gst-launch-1.0` takes it.
    let description: @Sendable (StreamFormat) -> String
    /// Sees each pipeline before it plays, on a thread of its own.
    let furnish: @Sendable (Element) throws(MediaError) -> Void

    init(
        _ name: String, reach: Reach = .codec, bound: FrameBound = FrameBound(),
        description: @escaping @Sendable (StreamFormat) -> String,
        furnish: @escaping @Sendable (Element) throws(MediaError) -> Void = { _ throws(MediaError) in }
    ) {
        self.name = name
        self.reach = reach
        self.bound = bound
        self.description = description
        self.furnish = furnish
    }
}

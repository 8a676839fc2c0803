// SPDX-License-Identifier: Apache-2.0

/// The first word: what framewatch is to do.
enum Command: String, CaseIterable {
    case run, relay, camera, incidents, simulate, doctor

    static var names: [String] { allCases.map(\.rawValue) }

    var summary: String {
        switch self {
        case .run: "receives cameras, watches their streams, serves them: the main job"
        case .relay: "carries messages between cameras and viewers, and nothing else"
        case .camera: "plays a camera, out of a test picture or a video file"
        case .incidents: "shows what led to each loss of a camera's frames, and what helped"
        case .simulate: "breaks virtual phones for virtual hours and checks every recovery"
        case .doctor: "says what is missing or misconfigured here, and how to mend it"
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Signaling
import Telemetry
import Timing
import Watchdog

/// What may differ from camera to camera.
struct CameraSettings: Equatable, Sendable {
    var codecs: [VideoCodec] = []
    var stun: String?
    var turn: [Secret] = []
    var watchdog = FrameWatchdog.Policy()
}

extension CameraSettings {
    /// What `[camera NAME]` may say.
    static let settings = Settings(blank: CameraSettings(), sections: [media, recovery], unlisted: [neverAsking])

    static let media = Section<CameraSettings>(
        "Media",
        [
            Setting(
                "codecs", \.codecs, Form<VideoCodec>.choice("CODEC").list().distinct(),
                default: "h264,vp8", "The video codecs to accept, the preferred one first."),
            Setting(
                "stun", \.stun, Form.stunURL.orNothing(), default: "",
                "A STUN server, for cameras in other networks."),
            Setting(
                "turn", \.turn, Form.turnURL.secret().list().orEmpty(),
                default: "",
                "TURN servers, for cameras out of direct reach; turns:// and ?transport=tcp work, too."),
        ])

    static let recovery = Section<CameraSettings>(
        "Recovery",
        [
            Setting(
                "warn-after", \.watchdog.warnAfter, .seconds(0.1...3600), default: "5",
                "The silence after which a failure is logged."),
            Setting(
                "check-every", \.watchdog.checkEvery, .seconds(0.1...3600), default: "3",
                "How often a lasting silence is logged again."),
            Setting(
                "stall-after", \.watchdog.stallAfter, .seconds(0.1...3600), default: "10",
                "The silence after which a stream is dead, and a new connection is requested."),
            Setting(
                "reconnect-wait", \.watchdog.reconnectWait, .seconds(0.1...3600), default: "30",
                "How long to wait for frames after a request."),
            Setting(
                "retry-delays", \.watchdog.retries,
                Form.seconds(0.1...86400).list().map(Backoff.init),
                default: "10,30,60,120",
                "The pauses after failed requests; the last one repeats, and each varies by a tenth."),
            Setting(
                "max-attempts", \.watchdog.maxAttempts, Form<Int>.number(0...1_000_000).map { $0 == 0 ? nil : $0 },
                default: "0",
                "After how many requests without 10 s of steady frames to give up; 0 is never."),
        ])

    /// A receiver that lets a dead stream be, which a soak has to notice.
    static let neverAsking = Setting<CameraSettings>(
        "never-ask", \.watchdog.maxAttempts, .noAttempts, default: "", bare: "yes",
        "Ask for no fresh connection.")
}

extension Form where Value == Int? {
    fileprivate static var noAttempts: Form {
        Form(placeholder: "yes", allowed: "yes") { text throws(NotAllowed) in
            guard text == "yes" else { throw NotAllowed() }
            return 0
        }
    }
}

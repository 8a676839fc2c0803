// SPDX-License-Identifier: Apache-2.0

import Media
import Phone
import Signaling
import Telemetry
import Text

/// What `framewatch camera` plays, and to whom. As in `Configuration`, these values are blank.
struct CameraOptions: Equatable, Sendable {
    /// This machine's receiver's: where its relay listens, and with which token.
    var configuration = Configuration()
    /// `nil` is the configuration's relay or else the one on this machine.
    var relay: Secret?
    var token: Configuration.Token?
    var name = CameraName.default

    var clip: String?
    var pattern = TestPattern.ball
    var size = VideoSettings.Size(width: 0, height: 0)
    var framesPerSecond = 0
    var codec = VideoCodec.h264
    var kilobitsPerSecond = 0
    var speed = 0.0
    var clipEnd = VideoSettings.Clip.End.stops
    var sound = Sound.none
    var mischief = Mischief()
}

extension CameraOptions {
    static let flags = Settings(
        blank: CameraOptions(),
        sections: [connection, picture, mischief]
            + [Configuration.keeping, Configuration.choosing].map { Section($0, in: \.configuration) })

    /// The configuration's part of the flags beats the environment, which beats the file.
    init(flags: [Assignment], surroundings: Surroundings) throws(UsageError) {
        let shared = (Configuration.keeping.settings + Configuration.choosing.settings).map(\.key)
        self = try CameraOptions.flags.values(from: flags)
        configuration = try Configuration(
            flags: flags.filter { shared.contains($0.key) }, surroundings: surroundings)
        // The configured log is the receiver's.
        if !flags.contains(where: { $0.key == "log-file" }) { configuration.logFile = nil }
    }

    private static let connection = Section<CameraOptions>(
        "Connection",
        [
            Setting(
                "relay", \.relay, Form.relayURL.secret().orNothing(), default: "",
                """
                The relay to dial. Empty: the one that the configuration joins, or else the one that framewatch run \
                embeds on this machine.
                """),
            Setting(
                "token", \.token, Form.token.map { $0 == .own ? nil : $0 }, default: "",
                """
                The relay's token. Empty: the configured one, or else the one kept in the state directory; none for a \
                relay that is neither configured nor on this machine.
                """),
            Setting(
                "name", \.name, .cameraName, default: "default", "The camera's name, by which it is received."),
        ])

    private static let picture = Section<CameraOptions>(
        "Picture",
        [
            Setting(
                "file", \.clip, Form.path(of: "file").orNothing(), default: "",
                "A video file to play, of any kind that GStreamer has plugins for. Empty: the pattern."),
            Setting("pattern", \.pattern, .choice("PATTERN"), default: "ball", "The test picture."),
            Setting(
                "fps", \.framesPerSecond, .number(1...120), default: "30", "How many frames to send per second."),
            Setting(
                "size", \.size, .size, default: "1280x720",
                "The picture's size; a file of another shape gets borders."),
            Setting("codec", \.codec, .choice("CODEC"), default: "h264", "The video codec to offer."),
            Setting(
                "bitrate", \.kilobitsPerSecond, .number(50...50_000, of: "kbit/s"), default: "2000",
                "The video's bit rate."),
            Setting(
                "loop", \.clipEnd, .ending, default: "no", bare: "yes",
                "Whether to repeat the file; otherwise the camera ends with it."),
            Setting(
                "speed", \.speed, .factor(0.1...10), default: "1",
                "How many times as fast as it was recorded to play the file."),
            Setting(
                "audio", \.sound, .sound, default: "no", bare: "yes", "Whether to offer sound: a tick a second."),
        ])

    private static let mischief = Section<CameraOptions>(
        "Mischief",
        [
            Setting(
                "zombie-after", \.mischief.zombieAfter, Form.seconds(0.1...86_400).range().orNothing(), default: "",
                """
                How long after each fresh connection to stop the frames and keep the connection; from a range, such \
                as 30-60, a time is drawn for each. Empty: never.
                """),
            Setting(
                "deaf", \.mischief.ignoredCommands, .deafness, default: "0", bare: "all",
                "How many commands to ignore before obeying; without a number, all of them."),
            Setting(
                "slow-offer", \.mischief.offerDelay, .seconds(0...3600), default: "0",
                "How long to take over each offer."),
            Setting(
                "die-after", \.mischief.dieAfter, Form.seconds(0.1...86_400).orNothing(), default: "",
                "How long after the start to vanish without a word. Empty: never."),
        ])

    /// Where it dials, and with which token.
    func joinedRelay() throws(Complaint) -> JoinedRelay {
        let url = relay ?? configuration.relay ?? Secret(configuration.ownRelay)
        // Our own token is nobody else's business, not even on this machine, unless the configuration names both.
        var token = token ?? (relay == nil ? configuration.token : .open)
        if token == .own && configuration.relay == nil {
            token = .given(try StateDirectory(path: configuration.stateDirectory).token())
        }
        guard let joined = JoinedRelay(url, token: token) else { throw Complaint("relay has a wrong value") }
        return joined
    }

    var video: VideoSettings {
        var video = VideoSettings()
        if let clip {
            var scene = VideoSettings.Clip(path: clip)
            scene.speed = speed
            scene.end = clipEnd
            video.scene = .clip(scene)
        } else {
            video.scene = .pattern(pattern)
        }
        video.codec = codec
        video.size = size
        video.framesPerSecond = framesPerSecond
        video.kilobitsPerSecond = kilobitsPerSecond
        return video
    }

    var driver: PhoneDriver.Settings {
        var settings = PhoneDriver.Settings()
        settings.sound = sound
        settings.mischief = mischief
        return settings
    }
}

extension Form {
    static func yesOrNo(yes: Value, no: Value) -> Form where Value: Sendable {
        Form(placeholder: "yes", allowed: "yes or no") { text throws(NotAllowed) in
            switch text {
            case "yes": yes
            case "no": no
            default: throw NotAllowed()
            }
        }
    }
}

extension Form where Value == VideoSettings.Clip.End {
    fileprivate static var ending: Form { .yesOrNo(yes: .repeats, no: .stops) }
}

extension Form where Value == Sound {
    fileprivate static var sound: Form { .yesOrNo(yes: .ticks, no: .none) }
}

extension Form where Value == VideoSettings.Size {
    /// Encoders halve the picture for its colours.
    fileprivate static var size: Form {
        Form(placeholder: "SIZE", allowed: "WIDTHxHEIGHT, even numbers from 16 to 4096") { text throws(NotAllowed) in
            let numbers = text.split(separator: "x", omittingEmptySubsequences: false)
                .compactMap { $0.wholeNumber() as Int? }
            guard text.split(separator: "x", omittingEmptySubsequences: false).count == 2, numbers.count == 2,
                numbers.allSatisfy({ (16...4096).contains($0) && $0.isMultiple(of: 2) })
            else { throw NotAllowed() }
            return VideoSettings.Size(width: numbers[0], height: numbers[1])
        }
    }
}

extension Form where Value == Double {
    fileprivate static func factor(_ range: ClosedRange<Double>) -> Form {
        let seconds = Form<Duration>.seconds(range)
        return Form(
            placeholder: "FACTOR", allowed: "a number from \(range.lowerBound.plain) to \(range.upperBound.plain)"
        ) {
            text throws(NotAllowed) in try seconds.read(text) / .seconds(1)
        }
    }
}

extension Form where Value == Duration {
    fileprivate func range() -> Form<ClosedRange<Duration>> {
        Form<ClosedRange<Duration>>(placeholder: placeholder, allowed: "\(allowed), or a range of them such as 30-60") {
            [read] text throws(NotAllowed) in
            let bounds = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            let (shortest, longest) = (try read(String(bounds[0])), try read(String(bounds[bounds.count - 1])))
            guard shortest <= longest else { throw NotAllowed() }
            return shortest...longest
        }
    }
}

extension Form where Value == Int {
    fileprivate static var deafness: Form {
        let number = Form<Int>.number(0...1_000_000)
        return Form(placeholder: "N", allowed: "all, or \(number.allowed)") { text throws(NotAllowed) in
            text == "all" ? .max : try number.read(text)
        }
    }
}

extension Configuration {
    /// The relay that `framewatch run` embeds with this configuration.
    fileprivate var ownRelay: String {
        let host =
            switch bind {
            case "0.0.0.0": "127.0.0.1"
            case "::": "[::1]"
            default: bind.contains(":") ? "[\(bind)]" : bind
            }
        return "ws://\(host):\(ports.webSocket)"
    }
}

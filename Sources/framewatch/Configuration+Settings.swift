// SPDX-License-Identifier: Apache-2.0

import Signaling
import Telemetry
import Text
import Timing

/// The one place where a key is declared.
extension Configuration {
    /// What file and environment may say.
    static let settings = Settings(
        blank: Configuration(),
        sections: [
            receiving, Section(CameraSettings.media, in: \.camera), Section(CameraSettings.recovery, in: \.camera),
            serving, relaying, keeping,
        ])
    static let runFlags = Settings(
        blank: Configuration(), sections: settings.sections + [choosing],
        unlisted: [Setting(CameraSettings.neverAsking, in: \.camera)])
    /// A relay reads the same file as a receiver, but not every key is of use to it.
    static let relayFlags = Settings(blank: Configuration(), sections: [serving, relaying, keeping, choosing])

    static let choosing = Section<Configuration>(
        "Configuration",
        [
            Setting(
                "config", \.file, Form.path(of: "file").orNothing(), default: "",
                """
                The file to read. Empty: $XDG_CONFIG_HOME/framewatch/framewatch.conf, which is usually in ~/.config; \
                if there is none, /etc/framewatch.conf.
                """)
        ])

    private static let receiving = Section<Configuration>(
        "Receiving",
        [
            Setting(
                "relay", \.relay, Form.relayURL.secret().orNothing(), default: "",
                "The relay to join instead of the embedded one."),
            Setting(
                "metrics-port", \.metricsPort, Form.port.orNothing(), default: "",
                """
                The port on which a receiver that joined a relay serves /metrics; 0 is any free one. Empty: none. An \
                embedded relay serves them on all its ports.
                """),
            Setting(
                "camera", \.cameras,
                Form.cameraName.list().distinct().orEmpty(),
                default: "",
                """
                The cameras to receive. Empty: every camera of the embedded relay, or the one called "default" \
                of a joined one.
                """),
            Setting(
                "max-cameras", \.maxCameras, .number(1...1000), default: "64",
                """
                How many cameras are received at most; one more takes the place of one that has been silent for 10 \
                minutes.
                """),
        ])

    private static let serving = Section<Configuration>(
        "Serving",
        [
            Setting(
                "bind", \.bind, .ipAddress, default: "0.0.0.0",
                "The address to listen on; each of its ports serves everything."),
            Setting(
                "ws-port", \.ports.webSocket, .port, default: "8080",
                "The port that phones look for; 0 is any free one."),
            Setting(
                "http-port", \.ports.http, .port, default: "3000", "The port of the pages; 0 is any free one."),
            Setting(
                "https-port", \.ports.https, .port, default: "8443",
                "The port with TLS, without which browsers open no camera; 0 is any free one."),
            Setting(
                "tls-certificate", \.certificate.chain, Form.path(of: "file").orNothing(), default: "",
                "The certificate and its chain, as PEM. Empty: made on the first run."),
            Setting(
                "tls-key", \.certificate.key, Form.path(of: "file").orNothing(), default: "",
                "The certificate's private key, as PEM."),
            Setting(
                "token", \.token, .token, default: "",
                """
                What cameras and viewers must present; "none" opens everything to everybody. \
                Empty: made on the first run. As a flag it shows in the list of processes.
                """),
            Setting(
                "allowed-origins", \.allowedOrigins,
                Form.webOrigin.map { $0.lowercased() }.list().distinct().orEmpty(),
                default: "", "The web sites, besides our own pages, whose scripts may connect."),
        ])

    private static let relaying = Section<Configuration>(
        "Relaying",
        [
            Setting(
                "viewer-policy", \.viewerPolicy, .choice("POLICY"), default: "oldest",
                "Which viewer a camera talks to when several want it: the oldest or the newest."),
            Setting(
                "max-peers", \.limits.peers, .number(1...100_000), default: "1000",
                "How many cameras and viewers may be connected at the same time."),
            Setting(
                "connect-rate", \.transport.connectionsPerSecond, .number(1...100_000), default: "20",
                "How many connections one address may open per second."),
            Setting(
                "handshake-timeout", \.transport.handshake, .seconds(0.1...300), default: "10",
                "How long a new connection may take until it is a camera or a viewer."),
            Setting(
                "max-text", \.transport.textBytes, .number(1024...16_777_216, of: "bytes"), default: "262144",
                "The longest text message; whoever sends a longer one is disconnected."),
            Setting(
                "max-binary", \.transport.binaryBytes, .number(1024...67_108_864, of: "bytes"), default: "4194304",
                "The longest binary message, which is a JPEG picture."),
            Setting(
                "max-depth", \.limits.jsonDepth, .number(4...128), default: "32",
                "How deeply a message's JSON may be nested; a deeper one is dropped."),
            Setting(
                "max-unsent", \.transport.unsentBytes, .number(65_536...1_073_741_824, of: "bytes"), default: "4194304",
                "How much may wait for a slow peer: beyond that the oldest pictures are dropped, or it is disconnected."
            ),
            Setting(
                "message-rate", \.limits.messagesPerSecond, .number(1...100_000), default: "100",
                "How many messages a peer may send per second."),
            Setting(
                "message-burst", \.limits.messageBurst, .number(1...100_000), default: "200",
                "How many messages a peer may send at once."),
        ])

    static let keeping = Section<Configuration>(
        "Logging and state",
        [
            Setting(
                "log-format", \.logFormat, .choice("FORMAT"), default: "classic",
                "classic lines for people, or json with an object per line."),
            Setting(
                "log-level", \.logLevel, .choice("LEVEL"), default: "info",
                "The least that is logged: debug, info, warning or error."),
            Setting(
                "log-file", \.logFile, Form.path(of: "file").map { $0 == "-" ? nil : $0 }, default: "-",
                "The file to append the log to; - is the standard output."),
            Setting(
                "state-dir", \.stateDirectory, Form.path(of: "directory").orNothing().map { $0 ?? "" }, default: "",
                """
                Where the token, the certificate, sessions and incidents are kept. \
                Empty: $XDG_STATE_HOME/framewatch, which is usually ~/.local/state/framewatch.
                """),
        ])
}

extension Form where Value == String {
    /// A token, wherever it is written.
    // Its least length keeps a mistyped `none` from being one.
    static var tokenWord: Form { .word("TOKEN", 8...128, with: "._~-") }
}

extension Form where Value == CameraName {
    static var cameraName: Form {
        let word = Form<String>.word("NAME", 1...64, with: "._-")
        return Form(placeholder: word.placeholder, allowed: word.allowed) { text throws(NotAllowed) in
            guard let name = CameraName(try word.read(text)) else { throw NotAllowed() }
            return name
        }
    }
}

extension Form where Value == Configuration.Token {
    static var token: Form {
        let word = Form<String>.tokenWord
        return Form(placeholder: word.placeholder, allowed: "none, \(word.allowed), or nothing", isSecret: true) {
            text throws(NotAllowed) in
            switch text {
            case "": .own
            case "none": .open
            default: .given(Secret(try word.read(text)))
            }
        }
    }
}

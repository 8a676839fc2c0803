// SPDX-License-Identifier: Apache-2.0

import Signaling
import Sockets
import Telemetry
import Text
import Watchdog

/// Everything that can be configured, as typed values.
///
/// The values here are blank: `settings` declares the defaults, which are parsed like any other value.
struct Configuration: Equatable, Sendable {
    enum Token: Equatable {
        /// Made on the first run and kept in the state directory.
        case own
        case given(Secret)
        /// Everybody may do everything.
        case open
    }

    /// 0 is any free port.
    struct Ports: Equatable {
        var webSocket: UInt16 = 0
        var http: UInt16 = 0
        var https: UInt16 = 0
    }

    struct Certificate: Equatable {
        var chain: String?
        var key: String?
    }

    /// The file that all this was read from, if any.
    var file: String?
    /// The relay to join; `nil` embeds one. Its query may hold a token.
    var relay: Secret?
    /// Where a receiver that joined a relay can be scraped.
    var metricsPort: UInt16?
    /// Empty for every camera of the embedded relay.
    var cameras: [CameraName] = []
    var maxCameras = 0
    /// What holds for a camera that has no section of its own.
    var camera = CameraSettings()
    /// Those that have one.
    var ownSettings: [CameraName: CameraSettings] = [:]
    var bind = ""
    var ports = Ports()
    var token = Token.own
    var allowedOrigins: [String] = []
    /// Made on the first run where there is none.
    var certificate = Certificate()
    var viewerPolicy = RelayCore.ViewerPolicy.oldest
    var limits = Limits()
    var transport = TransportLimits()
    var logFormat = LineFormat.Face.classic
    var logLevel = Level.info
    /// `nil` is the standard output.
    var logFile: String?
    /// Blank only until the environment has been asked.
    var stateDirectory = ""
}

extension Configuration {
    /// Flags beat the environment, which beats the file; what is beaten must still be right.
    init(flags: [Assignment], surroundings: Surroundings) throws(UsageError) {
        let file = try ConfigurationFile(named: flags.last { $0.key == "config" }?.text, surroundings: surroundings)
        let (written, byCamera) = try file?.assignments() ?? ([], [:])
        let said = try surroundings.variables() + flags
        let assignments = written + said
        self = try Configuration.runFlags.values(from: assignments)
        ownSettings = try Configuration.values(byCamera, between: written, and: said)
        self.file = file?.path
        try Configuration.checkSilence(camera.watchdog, assignments)
        try checkPorts(assignments)
        try checkCertificate(assignments)
        if stateDirectory.isEmpty {
            guard let base = surroundings.directory("XDG_STATE_HOME", orInHome: ".local/state") else {
                throw .noStateDirectory
            }
            stateDirectory = base + "/framewatch"
        }
    }

    func settings(of camera: CameraName) -> CameraSettings { ownSettings[camera] ?? self.camera }

    /// A camera's section beats what the file says for all, and is beaten by environment and flags.
    private static func values(
        _ byCamera: [CameraName: [Assignment]], between below: [Assignment], and above: [Assignment]
    ) throws(UsageError) -> [CameraName: CameraSettings] {
        var values: [CameraName: CameraSettings] = [:]
        for (camera, own) in byCamera {
            let all = (below + own + above).filter { CameraSettings.settings[$0.key] != nil }
            let settings = try CameraSettings.settings.values(from: all)
            try checkSilence(settings.watchdog, of: camera, all)
            values[camera] = settings
        }
        return values
    }

    private static func checkSilence(
        _ watchdog: FrameWatchdog.Policy, of camera: CameraName? = nil, _ assignments: [Assignment]
    ) throws(UsageError) {
        guard watchdog.warnAfter > watchdog.stallAfter,
            // Whoever only wants deaths found sooner need not know of warnings.
            let assignment = assignments.last(where: { $0.key == "warn-after" })
        else { return }
        throw .warningAfterDeath(assignment, stallAfter: watchdog.stallAfter, of: camera)
    }

    private func checkPorts(_ assignments: [Assignment]) throws(UsageError) {
        let all = [("ws-port", ports.webSocket), ("http-port", ports.http), ("https-port", ports.https)]
        for (key, port) in all where port != 0 {
            guard let other = all.first(where: { $0.0 != key && $0.1 == port })?.0,
                let assignment = assignments.last(where: { $0.key == key })
            else { continue }
            throw .samePort(assignment, as: other)
        }
    }

    private func checkCertificate(_ assignments: [Assignment]) throws(UsageError) {
        guard (certificate.chain == nil) != (certificate.key == nil) else { return }
        let (given, missing) = certificate.key == nil ? ("tls-certificate", "tls-key") : ("tls-key", "tls-certificate")
        guard let assignment = assignments.last(where: { $0.key == given }) else { return }
        throw .missingCompanion(assignment, missing)
    }
}

extension Surroundings {
    /// The variables that are named after a key. Any other with our prefix is a mistake.
    fileprivate func variables() throws(UsageError) -> [Assignment] {
        var found: [Assignment] = []
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(Origin.variablePrefix) {
            guard let key = Configuration.settings.keys.first(where: { Origin.variable(of: $0) == name }) else {
                throw .unknownVariable(name)
            }
            found.append(Assignment(key: key, text: text, origin: .variable))
        }
        return found
    }
}

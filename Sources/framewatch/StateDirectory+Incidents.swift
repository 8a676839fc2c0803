// SPDX-License-Identifier: Apache-2.0

import Host
import Incidents
import MainLoop
import Telemetry
import Text

/// The incidents, a file each in their camera's directory, and the totals.
extension StateDirectory {
    /// Far more than any of these files has.
    private static let longest = 4 << 20

    var incidents: String { "\(path)/incidents" }

    private func sessionsFile(ofReceiver number: Int) -> String {
        number == 1 ? "\(path)/sessions.json" : "\(path)/sessions-\(number).json"
    }

    // MARK: - Totals

    /// What the file has; `nil` if there is none.
    func sessions(ofReceiver number: Int = 1) throws(Unusable) -> Sessions? {
        let file = sessionsFile(ofReceiver: number)
        let text: String
        do throws(Host.ReadError) { text = try Host.text(ofFile: file, limit: StateDirectory.longest) } catch {
            if error == .missing { return nil }
            throw Unusable(file: file, why: error.description)
        }
        do throws(Malformed) { return try Sessions(parsing: text) } catch {
            throw Unusable(file: file, why: error.description)
        }
    }

    /// What the file has, or nothing: then a file that cannot be used is set aside.
    func sessionsOrNone(ofReceiver number: Int, at time: WallTime, report: (ServiceEvent) -> Void) -> Sessions {
        do throws(Unusable) { return try sessions(ofReceiver: number) ?? Sessions() } catch {
            var aside = "\(error.file).broken-\(time.compact)"
            do throws(GLibError) { try Host.rename(error.file, to: aside) } catch let failure {
                aside = "nothing (\(failure.message))"
            }
            report(.stateSetAside(error.file, as: aside, why: error.why))
            return Sessions()
        }
    }

    func keep(_ sessions: Sessions, ofReceiver number: Int) throws(GLibError) {
        try Host.replacePrivately(sessions.text, atFile: sessionsFile(ofReceiver: number))
    }

    // MARK: - Incidents

    func keep(_ incident: Incident) throws(GLibError) {
        let directory = "\(incidents)/\(incident.camera)"
        try Host.replacePrivately(incident.text, atFile: "\(directory)/\(incident.fileName)")
        for file in Incident.surplus(among: try Host.names(inDirectory: directory)) {
            try Host.remove("\(directory)/\(file)")
        }
    }

    /// Removes what was being written when a run before was killed.
    func removeDrafts() throws(GLibError) {
        let directories = try cameras().map { "\(incidents)/\($0)" }
        for directory in [path] + directories {
            for name in try Host.names(inDirectory: directory) where Host.isDraft(name, ofFile: ".json") {
                try Host.remove("\(directory)/\(name)")
            }
        }
    }

    /// Those that have incidents, or had.
    func cameras() throws(GLibError) -> [CameraName] {
        try Host.names(inDirectory: incidents).compactMap { CameraName($0) }
            .sorted { $0.description < $1.description }
    }

    func incidentNames(of camera: CameraName) throws(GLibError) -> [String] {
        try Host.names(inDirectory: "\(incidents)/\(camera)").compactMap(Incident.name(ofFile:))
    }

    func incident(_ name: String, of camera: CameraName) throws(Unusable) -> Incident {
        let file = "\(incidents)/\(camera)/\(name).json"
        let text: String
        do throws(Host.ReadError) { text = try Host.text(ofFile: file, limit: StateDirectory.longest) } catch {
            throw Unusable(file: file, why: error.description)
        }
        do throws(Malformed) { return try Incident(parsing: text) } catch {
            throw Unusable(file: file, why: error.description)
        }
    }

    /// A file that cannot be read, or is not what it should be.
    struct Unusable: Error {
        let file: String
        let why: String
    }
}

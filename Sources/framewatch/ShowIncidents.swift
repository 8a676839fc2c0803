// SPDX-License-Identifier: Apache-2.0

import Glibc
import Incidents
import MainLoop
import Text

/// `framewatch incidents`: prints what the state directory has of them.
struct ShowIncidents {
    private let options: IncidentsOptions
    private let state: StateDirectory

    init(_ options: IncidentsOptions) {
        self.options = options
        state = StateDirectory(path: options.configuration.stateDirectory)
    }

    /// `warn` is told of files that are left out.
    func run(warn: (String) -> Void) throws(Complaint) {
        if let camera = options.camera, let which = options.incident {
            try show(which, of: camera)
        } else {
            try list(warn: warn)
        }
    }

    private func show(_ which: String, of camera: CameraName) throws(Complaint) {
        let names = try names(of: camera)
        guard let name = Account.find(which, among: names) else {
            throw Complaint(
                "\(camera) has no incident \(which.quoted); there are \(names.count), "
                    + "and framewatch incidents \(camera) lists them")
        }
        let incident: Incident
        do throws(StateDirectory.Unusable) { incident = try state.incident(name, of: camera) } catch {
            throw Complaint("cannot read \(error.file): \(error.why)")
        }
        if options.output == .json {
            print(incident.text, terminator: "")
        } else {
            for line in Account.story(of: incident) { print(line) }
        }
    }

    private func list(warn: (String) -> Void) throws(Complaint) {
        var incidents: [Incident] = []
        let cameras = if let camera = options.camera { [camera] } else { try self.cameras() }
        for camera in cameras {
            for name in try names(of: camera) {
                do throws(StateDirectory.Unusable) {
                    incidents.append(try state.incident(name, of: camera))
                } catch {
                    warn("left out \(error.file): \(error.why)")
                }
            }
        }
        if options.output == .json {
            for incident in incidents.newestFirst { print(incident.summary) }
        } else if incidents.isEmpty {
            print("There are no incidents in \(state.incidents).")
        } else {
            let totals = try? state.sessions()
            let parts = [Account.list(incidents), Account.shares(incidents), Account.totals(totals, of: cameras)]
            print(parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n"))
        }
    }

    /// A camera that never had an incident is probably mistyped.
    private func names(of camera: CameraName) throws(Complaint) -> [String] {
        let known = try cameras()
        guard known.contains(camera) else {
            let advice = known.map(\.description).suggestion(
                for: camera.description, else: "framewatch incidents lists those of all cameras")
            throw Complaint("no incident of camera \(camera) is kept; \(advice)")
        }
        do throws(GLibError) { return try state.incidentNames(of: camera) } catch {
            throw Complaint("cannot read the incidents of \(camera): \(error.message)")
        }
    }

    private func cameras() throws(Complaint) -> [CameraName] {
        do throws(GLibError) { return try state.cameras() } catch {
            throw Complaint("cannot read \(state.incidents): \(error.message)")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Timing

/// What happens to the service as a whole.
package enum ServiceEvent: Equatable, Sendable {
    case started(version: String)
    /// Something about the configuration that whoever wrote it should know.
    case configurationNoted(String)
    case listening(url: String)
    /// `token` says in words where the token is.
    case cameraPageServed(urls: String, token: String)
    case relayJoined(url: String)
    case relayLost(url: String)
    /// The next dial is this far away.
    case relayAwaited(url: String, in: Duration, why: String)
    /// A library complains, about us or about itself.
    case libraryWarned(domain: String, String)
    /// Incidents and totals cannot be written; `why` names the file.
    case stateNotKept(why: String)
    case stateKeptAgain(lost: Int)
    /// A file that is none of ours, or broken.
    case stateSetAside(String, as: String, why: String)
    case stopping(signal: String)
}

extension ServiceEvent {
    var entry: Entry {
        switch self {
        case .started(let version):
            Entry(.info, "started", "🚀 framewatch \(version) started", ["version": .text(version)])
        // No warning: several may come at once, and all of them count.
        case .configurationNoted(let note):
            Entry(.info, "configuration_noted", "🔧 Configuration: \(note)", ["note": .text(note)])
        case .listening(let url): Entry(.info, "listening", "👂 Listening on \(url)", ["url": .text(url)])
        case .cameraPageServed(let urls, let token):
            Entry(
                .info, "camera_page_served", "📱 Camera page: \(urls); \(token)",
                ["urls": .text(urls), "token": .text(token)])
        case .relayJoined(let url): Entry(.info, "relay_joined", "🔗 Joined relay \(url)", ["url": .text(url)])
        case .relayLost(let url): Entry(.warning, "relay_lost", "🔗 Lost relay \(url)", ["url": .text(url)])
        case .relayAwaited(let url, let wait, let why):
            Entry(
                .warning, "relay_awaited", "🔗 No relay at \(url) (\(why)); next try in \(wait.inSeconds)s",
                ["url": .text(url), "wait_seconds": .seconds(wait), "detail": .text(why)])
        case .libraryWarned(let domain, let message):
            Entry(
                .warning, "library_warned", "📚 \(domain): \(message)",
                ["domain": .text(domain), "message": .text(message)])
        case .stateNotKept(let why):
            Entry(
                .warning, "state_not_kept",
                "💾 Cannot keep incidents and totals, and goes on watching without: \(why)", ["detail": .text(why)])
        case .stateKeptAgain(let lost):
            Entry(
                .info, "state_kept_again", "💾 Incidents and totals are kept again; files lost: \(lost)",
                ["lost": .integer(lost)])
        case .stateSetAside(let file, let aside, let why):
            Entry(
                .warning, "state_set_aside", "💾 Set \(file) aside as \(aside), and counts anew: \(why)",
                ["file": .text(file), "aside": .text(aside), "detail": .text(why)])
        case .stopping(let signal): Entry(.info, "stopping", "👋 Stopping on \(signal)", ["signal": .text(signal)])
        }
    }
}

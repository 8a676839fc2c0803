// SPDX-License-Identifier: Apache-2.0

/// What one name in a scrape means.
struct MetricFamily: Hashable, Sendable {
    enum Kind: String {
        case counter, gauge, histogram
    }

    let kind: Kind
    let name: String
    let help: String
    let labels: [String]
    /// A histogram's bounds, ascending.
    let buckets: [Duration]

    private init(_ kind: Kind, _ name: String, _ help: String, labels: [String] = [], buckets: [Duration] = []) {
        self.kind = kind
        self.name = "framewatch_\(name)"
        self.help = help
        self.labels = labels
        self.buckets = buckets
    }
}

/// The receiver's.
extension MetricFamily {
    static let frames = MetricFamily(.counter, "frames_total", "Encoded frames received.", labels: ["camera"])
    static let fps = MetricFamily(.gauge, "fps", "Frames a second over the last two seconds.", labels: ["camera"])
    static let lastFrameAge = MetricFamily(
        .gauge, "last_frame_age_seconds", "Time since the last frame.", labels: ["camera"])
    static let frameIntervals = MetricFamily(
        .histogram, "frame_interval_seconds", "Time between two frames of a connection.", labels: ["camera"])
    static let stalls = MetricFamily(.counter, "stalls_total", "Streams declared dead.", labels: ["camera"])
    static let detection = MetricFamily(
        .histogram, "detection_seconds", "Silence until a stream was declared dead.", labels: ["camera"],
        buckets: [50, 80, 100, 101, 105, 110, 120, 150, 200, 300, 600].map { .milliseconds($0 * 100) })
    static let reconnectRequests = MetricFamily(
        .counter, "reconnect_requests_total", "Fresh connections asked of a camera.", labels: ["camera", "reason"])
    static let reconnectFailures = MetricFamily(
        .counter, "reconnect_failures_total", "Requests that no frame followed.", labels: ["camera"])
    static let recovery = MetricFamily(
        .histogram, "recovery_seconds", "Silence until frames flowed again.", labels: ["camera"],
        buckets: [1, 2, 5, 10, 11, 12, 13, 15, 20, 30, 45, 60, 120, 300, 600, 1800, 3600].map { .seconds($0) })
    static let cures = MetricFamily(
        .counter, "cures_total", "Ends of trouble, by what helped.", labels: ["camera", "cause", "remedy"])
    static let timeToFirstFrame = MetricFamily(
        .histogram, "time_to_first_frame_seconds", "Time from an offer to the first frame.", labels: ["camera"],
        buckets: [100, 250, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 30_000].map { .milliseconds($0) })
    static let offersRefused = MetricFamily(
        .counter, "offers_refused_total", "Offers that could not be answered.", labels: ["camera", "reason"])
    static let peerFailures = MetricFamily(
        .counter, "peer_failures_total", "Connections that failed outright.", labels: ["camera", "reason"])
}

/// The relay's and the service's.
extension MetricFamily {
    static let relayPeers = MetricFamily(.gauge, "relay_peers", "Sockets open at the relay.", labels: ["role"])
    static let relayMessages = MetricFamily(
        .counter, "relay_messages_total", "Signaling messages relayed.", labels: ["from", "kind"])
    static let relayMessagesDropped = MetricFamily(
        .counter, "relay_messages_dropped_total", "Messages that were not relayed.", labels: ["reason"])
    static let relayPicturesDropped = MetricFamily(
        .counter, "relay_pictures_dropped_total", "Pictures that a slow viewer missed.")
    static let relayReconnects = MetricFamily(
        .counter, "relay_reconnects_total", "Reconnections requested by viewers.")
    static let relayReconnectsMerged = MetricFamily(
        .counter, "relay_reconnects_merged_total", "Reconnects that were asked for within a second of another.")
    static let relayPeersClosed = MetricFamily(
        .counter, "relay_peers_closed_total", "Sockets that the relay closed for what came from them.",
        labels: ["reason"])
    static let relayConnectionsRefused = MetricFamily(
        .counter, "relay_connections_refused_total", "Connections that were not admitted.", labels: ["reason"])
    static let buildInfo = MetricFamily(.gauge, "build_info", "The version that runs; always 1.", labels: ["version"])
}

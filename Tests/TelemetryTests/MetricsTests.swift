// SPDX-License-Identifier: Apache-2.0

import Telemetry
import Testing
import Text
import Timing

struct MetricsTests {
    var metrics = Metrics()

    mutating func record(_ event: ReceiverEvent, camera: CameraName? = "front") {
        metrics.record(.receiver(event), camera: camera)
    }

    @Test mutating func `every event leaves a scrape that can be read`() throws {
        for sample in samples { metrics.record(sample.event, camera: "front") }
        metrics.take(
            StreamReading(
                frames: 60, fps: 29.97, lastFrameAge: .milliseconds(33),
                intervals: DurationHistogram(bounds: [.milliseconds(35), .seconds(1)])), of: "front")
        let scrape = try Scrape(metrics.text())
        #expect(scrape.families.count == 22)
        #expect(scrape.families.keys.allSatisfy { $0.hasPrefix("framewatch_") })
        #expect(scrape.families.values.allSatisfy { $0.help.hasSuffix(".") || $0.help.hasSuffix("1") })
    }

    @Test mutating func `a text looks like this`() {
        record(.dead(after: .seconds(10)))
        metrics.record(.relay(.signalingRelayed("offer", from: .camera(id: "c1"))), camera: nil)
        let text = metrics.text()
        #expect(
            text.hasPrefix(
                """
                # HELP framewatch_reconnect_failures_total Requests that no frame followed.
                # TYPE framewatch_reconnect_failures_total counter
                framewatch_reconnect_failures_total{camera="front"} 0.0
                # HELP framewatch_relay_messages_total Signaling messages relayed.
                # TYPE framewatch_relay_messages_total counter
                framewatch_relay_messages_total{from="camera",kind="offer"} 1.0

                """))
        #expect(
            text.hasSuffix(
                """
                framewatch_detection_seconds_bucket{camera="front",le="30.0"} 1
                framewatch_detection_seconds_bucket{camera="front",le="60.0"} 1
                framewatch_detection_seconds_bucket{camera="front",le="+Inf"} 1
                framewatch_detection_seconds_sum{camera="front"} 10.0
                framewatch_detection_seconds_count{camera="front"} 1

                """))
    }

    @Test mutating func `a camera that was let go leaves the scrape`() throws {
        for camera: CameraName in ["front", "camera"] {
            record(.dead(after: .seconds(10)), camera: camera)
            record(.letGo, camera: camera)
            record(.peerClosed(session: 1, after: .zero), camera: camera)
        }
        metrics.record(.relay(.connected(.camera(id: "c1"))), camera: "camera")
        let scrape = try Scrape(metrics.text())
        #expect(!metrics.text().contains("front"))
        #expect(scrape.value("framewatch_relay_peers", ["role": "camera"]) == 1)
    }

    @Test mutating func `a recovery is counted from its death to its first frame`() throws {
        record(.dead(after: .milliseconds(10_250)))
        record(.reconnectRequested("silence"))
        record(.reconnectFailed(attempt: 1))
        record(.reconnectRequested("silence"))
        record(.reconnectRequested("failure"))
        record(.firstFrame(after: .milliseconds(750)))
        record(.recovered(silence: .seconds(5000)))
        let scrape = try Scrape(metrics.text())
        let front = ["camera": "front"]
        #expect(scrape.value("framewatch_stalls_total", front) == 1)
        #expect(scrape.value("framewatch_reconnect_failures_total", front) == 1)
        #expect(scrape.value("framewatch_reconnect_requests_total", ["camera": "front", "reason": "silence"]) == 2)
        #expect(scrape.value("framewatch_reconnect_requests_total", ["camera": "front", "reason": "failure"]) == 1)
        #expect(scrape.value("framewatch_detection_seconds_sum", front) == 10.25)
        #expect(scrape.value("framewatch_detection_seconds_bucket", ["camera": "front", "le": "10.0"]) == 0)
        #expect(scrape.value("framewatch_detection_seconds_bucket", ["camera": "front", "le": "11.0"]) == 1)
        #expect(scrape.value("framewatch_time_to_first_frame_seconds_bucket", ["camera": "front", "le": "0.75"]) == 1)
        #expect(scrape.value("framewatch_recovery_seconds_bucket", ["camera": "front", "le": "3600.0"]) == 0)
        #expect(scrape.value("framewatch_recovery_seconds_count", front) == 1)
    }

    @Test mutating func `cures are counted by cause and remedy`() throws {
        for remedy: Code in ["reconnect", "by itself", "reconnect"] { record(.cured("silence", by: remedy)) }
        let scrape = try Scrape(metrics.text())
        for (remedy, count) in [("reconnect", 2.0), ("by itself", 1)] {
            let labels = ["camera": "front", "cause": "silence", "remedy": remedy]
            #expect(scrape.value("framewatch_cures_total", labels) == count)
        }
    }

    @Test mutating func `the relay's peers come and go, its other counts stay`() throws {
        let camera = RelayEvent.Peer.camera(id: "c1")
        let viewer = RelayEvent.Peer.viewer(id: "v1")
        let events: [RelayEvent] = [
            .connected(camera), .connected(viewer), .connected(.viewer(id: "v2")), .disconnected(viewer),
            .picturesDropped(for: viewer, count: 3), .picturesDropped(for: viewer, count: 4),
            .admissionRefused(status: 401, "no_token"),
            .admissionRefused(status: 403, "foreign_origin", origin: "http://a"),
            .uploadDropped(.first), .uploadDropped(.repeated),
            .messageDropped(from: viewer, "not_json", detail: "text", .first),
            .peerClosed(viewer, closeCode: 1008, "flood"), .reconnectRelayed(reason: "whatever"),
            .reconnectMerged(cameraID: "c1"),
        ]
        for event in events { metrics.record(.relay(event), camera: "front") }
        let scrape = try Scrape(metrics.text())
        #expect(scrape.value("framewatch_relay_peers", ["role": "camera"]) == 1)
        #expect(scrape.value("framewatch_relay_peers", ["role": "viewer"]) == 1)
        #expect(scrape.value("framewatch_relay_pictures_dropped_total") == 7)
        #expect(scrape.value("framewatch_relay_connections_refused_total", ["reason": "no_token"]) == 1)
        #expect(scrape.value("framewatch_relay_connections_refused_total", ["reason": "foreign_origin"]) == 1)
        #expect(scrape.value("framewatch_relay_connections_refused_total", ["reason": "upload"]) == 2)
        #expect(scrape.value("framewatch_relay_messages_dropped_total", ["reason": "not_json"]) == 1)
        #expect(scrape.value("framewatch_relay_peers_closed_total", ["reason": "flood"]) == 1)
        #expect(scrape.value("framewatch_relay_reconnects_total") == 1)
        #expect(scrape.value("framewatch_relay_reconnects_merged_total") == 1)
    }

    @Test mutating func `readings replace those before`() throws {
        var intervals = DurationHistogram(bounds: [.milliseconds(35), .milliseconds(70)])
        for milliseconds in [33, 33, 67, 500] { intervals.record(.milliseconds(milliseconds)) }
        metrics.take(
            StreamReading(frames: 60, fps: 30, lastFrameAge: .seconds(9), intervals: intervals), of: "front")
        metrics.take(
            StreamReading(frames: 75, fps: .nan, lastFrameAge: nil, intervals: intervals), of: "front")
        let scrape = try Scrape(metrics.text())
        #expect(scrape.value("framewatch_frames_total", ["camera": "front"]) == 75)
        #expect(scrape.value("framewatch_fps", ["camera": "front"])?.isNaN == true)
        #expect(scrape.value("framewatch_last_frame_age_seconds", ["camera": "front"]) == nil)
        let buckets = ["0.035", "0.07", "+Inf"].map {
            scrape.value("framewatch_frame_interval_seconds_bucket", ["camera": "front", "le": $0])
        }
        #expect(buckets == [2, 3, 4])
        #expect(scrape.value("framewatch_frame_interval_seconds_sum", ["camera": "front"]) == 0.633)
    }

    @Test mutating func `cameras without number do not make a scrape without bound`() throws {
        for camera in (0..<1000).compactMap({ CameraName("camera\($0)") }) {
            record(.reconnectFailed(attempt: 1), camera: camera)
            metrics.take(
                StreamReading(
                    frames: 1, fps: 1, lastFrameAge: .zero,
                    intervals: DurationHistogram(bounds: [.seconds(1)])), of: camera)
        }
        let scrape = try Scrape(metrics.text())
        #expect(scrape.families["framewatch_reconnect_failures_total"]?.samples.count == Metrics.maxCameras + 1)
        #expect(scrape.families["framewatch_fps"]?.samples.count == Metrics.maxCameras)
        #expect(scrape.value("framewatch_reconnect_failures_total", ["camera": "other"]) == 744)
        #expect(scrape.value("framewatch_reconnect_failures_total", ["camera": "camera255"]) == 1)
    }

    @Test mutating func `what an outsider writes is never a label`() {
        let words = "xyzzy"
        for event: Event in [
            .relay(.connected(.camera(id: words))), .relay(.disconnected(.viewer(id: words))),
            .relay(.reconnectRelayed(reason: words)), .relay(.commandSent(words, cameraID: words)),
            .relay(.signalingRelayed("ice", from: .viewer(id: words))),
            .relay(.messageDropped(from: .viewer(id: words), "not_json", detail: words, .first)),
            .relay(.picturesDropped(for: .viewer(id: words), count: 1)),
            .relay(.peerClosed(.viewer(id: words), closeCode: 1008, "flood")),
            .receiver(.connectionState(words)), .receiver(.iceState(words)), .service(.relayJoined(url: words)),
        ] { metrics.record(event, camera: "front") }
        #expect(!metrics.text().contains(words))
    }

    @Test mutating func `an alert sees a camera's first stall as a rise from nought`() throws {
        record(.offerReceived)
        #expect(try Scrape(metrics.text()).value("framewatch_stalls_total", ["camera": "front"]) == 0)
        record(.dead(after: .seconds(10)))
        #expect(try Scrape(metrics.text()).value("framewatch_stalls_total", ["camera": "front"]) == 1)
    }

    @Test(arguments: [
        "a 1", "a 1\n", "# TYPE a gauge\na 1\n", "# HELP b B.\n# TYPE a gauge\na 1\n",
        "# HELP a A.\n# TYPE a gauge\nb 1\n",
        "# HELP a A.\n# TYPE a gauge\na 1\na 2\n", "# HELP a A.\n# TYPE a gauge\na one\n",
        "# HELP a A.\n# TYPE a counter\na 1\n",
        "# HELP a A.\n# TYPE a gauge\na{b=\"\\x\"} 1\n", "# HELP a A.\n# TYPE a gauge\na{b=\"\"\"} 1\n",
        "# HELP a A.\n# TYPE a gauge\na{} 1\n",
        "# HELP a A.\n# TYPE a gauge\na{b=\"1\",b=\"2\"} 1\n", "# HELP a A.\n# TYPE a gauge\na{b=\"1\",} 1\n",
        "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
        "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
        "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 2\n",
        "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1\n",
    ])
    func `the reader of these tests refuses what is malformed`(text: String) {
        #expect(throws: Scrape.Malformed.self) { try Scrape(text) }
    }

    @Test func `a case of a closed enum is a code`() {
        enum Trouble: String, CaseIterable {
            case missedOffer = "missed_offer"
        }
        #expect(Code(Trouble.missedOffer) == "missed_offer")
    }
}

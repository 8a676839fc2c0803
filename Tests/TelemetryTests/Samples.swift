// SPDX-License-Identifier: Apache-2.0

import Telemetry
import Text

/// 2026-11-20 14:50:00.123 in a place that is an hour ahead of UTC.
let afternoon = WallTime(secondsSince1970: 1_795_182_600, nanoseconds: 123_456_789, utcOffset: 3600)

extension Event {
    func record(camera: CameraName? = nil, at time: WallTime = afternoon) -> Record {
        Record(self, camera: camera, at: time)
    }
}

/// One of each, with its classic line after the time. Those that people tail come first, to the letter.
let samples: [(event: Event, line: String)] = [
    (.receiver(.frames(total: 60, fps: 30)), "[INFO] 📹 Frame 60 | FPS: 30.0"),
    (.receiver(.silent(.seconds(5), failure: 1)), "[ERROR] ❌ No frames for 5s! (failure #1)"),
    (.receiver(.silent(.milliseconds(8_300), failure: 2)), "[ERROR] ❌ No frames for 8s! (failure #2)"),
    (.receiver(.dead(after: .milliseconds(10_012))), "[ERROR] 💀 Connection DEAD after 10s"),
    (.receiver(.closingPeer), "[INFO] 1️⃣ Closing old peer connection..."),
    (.receiver(.creatingPeer), "[INFO] 2️⃣ Creating new peer connection..."),
    (.receiver(.reconnectRequested("silence")), "[INFO] 🔄 Requesting reconnection from camera..."),
    (.receiver(.awaitingReconnect(.seconds(30))), "[INFO] ⏳ Waiting 30s for reconnection..."),
    (.receiver(.offerReceived), "[INFO] 📥 Received offer"),
    (.receiver(.answerSent), "[INFO] 📤 Sent answer"),
    (.receiver(.connectionState("connected")), "[INFO] 🔌 Connection state: connected"),
    (.receiver(.iceState("connected")), "[INFO] 🧊 ICE state: connected"),
    (.receiver(.recovered(silence: .seconds(14))), "[INFO] ✅ Reconnection successful! Resuming monitoring..."),
    (.receiver(.cured("silence", by: "by itself")), "[INFO] 💊 Cured (silence): by itself"),
    (.receiver(.reconnectFailed(attempt: 1)), "[ERROR] ❌ Reconnection failed"),
    (.relay(.connected(.camera(id: "c1"))), "[INFO] 📱 Camera connected: c1"),
    (.relay(.connected(.viewer(id: "v1"))), "[INFO] 👁️  Viewer connected: v1"),
    (
        .relay(.reconnectRelayed(reason: "No frames for 10s")),
        "[INFO] 🔄 Reconnection requested from viewer: No frames for 10s"
    ),
    (
        .relay(.commandSent("reconnect", cameraID: "c1")),
        "[INFO] 📤 Sending reconnect command to camera (ID: c1)"
    ),
    (
        .relay(.signalingRelayed("offer", from: .camera(id: "c1"))),
        "[INFO] 📡 WebRTC signaling from camera: offer"
    ),

    (.receiver(.firstFrame(after: .milliseconds(840))), "[INFO] 🎬 First frame after 0.8s"),
    (.receiver(.retryScheduled(in: .seconds(10))), "[INFO] 🔁 Next attempt in 10s"),
    (.receiver(.gaveUp(attempts: 3)), "[ERROR] 🏳️ Gave up after 3 attempts"),
    (.receiver(.paused), "[INFO] ⏸️ Camera paused"),
    (.receiver(.resumed), "[INFO] ▶️ Camera resumed"),
    (.receiver(.videoRests), "[INFO] 🫥 The camera offers no video that it sends now"),
    (.receiver(.nobodyToAsk("silence")), "[INFO] 📵 No camera can be asked now; it offers when it comes"),
    (
        .receiver(.picturesOnly),
        "[WARNING] 🖼️ Camera sends pictures but no video; it is left alone until it offers, comes anew or says more"
    ),
    (.receiver(.waiting), "[INFO] ⏸️ Another viewer holds the conversation"),
    (
        .receiver(.watchingAgain("camera_left", detail: "the camera left")),
        "[INFO] ▶️ Watching again: the camera left"
    ),
    (.receiver(.peerGone), "[INFO] 👋 Camera closed the connection"),
    (
        .receiver(.offerRefused("no_video", detail: "no video is offered")),
        "[ERROR] ⚠️ Refused offer: no video is offered"
    ),
    (.receiver(.peerOpened(session: 3)), "[DEBUG] 🔧 Opened peer connection 3"),
    (.receiver(.peerFailed("ice_failed", detail: "no path")), "[ERROR] 💥 Connection failed: no path"),
    (.receiver(.streamFault("h264parse: no frames")), "[WARNING] 🩹 No frames for outputs: h264parse: no frames"),
    (.receiver(.refusalExplained("... differ")), "[DEBUG] 🔧 Refused, as ... differ"),
    (.receiver(.peerClosed(session: 3, after: .milliseconds(80))), "[DEBUG] 🔧 Closed peer connection 3"),
    (.receiver(.peerClosingLate(session: 3)), "[WARNING] 🐌 Peer connection 3 is slow to close"),
    (.receiver(.candidateDropped("mdns")), "[DEBUG] 🧊 Dropped a candidate: mdns"),
    (.receiver(.letGo), "[WARNING] 🚷 Not received any more: another camera needed the place"),
    (.receiver(.messageIgnored("not JSON")), "[DEBUG] ⚠️ Ignored a message: not JSON"),
    (
        .receiver(.tooManyCameras(limit: 64)),
        "[WARNING] 🚷 Not received: there are 64 cameras already; max-cameras allows more"
    ),
    (.relay(.disconnected(.camera(id: "c1"))), "[INFO] 📱 Camera disconnected: c1"),
    (.relay(.disconnected(.viewer(id: "v1"))), "[INFO] 👁️  Viewer disconnected: v1"),
    (.relay(.viewerPromoted(id: "v2")), "[INFO] 👁️  Viewer promoted: v2"),
    (
        .relay(.offerUnanswered(viewerID: "v1")),
        "[WARNING] 👁️  Viewer v1 does not answer: it is the next one's turn"
    ),
    (
        .relay(.cameraDisplaced(id: "c1", by: "c2")),
        "[INFO] 📱 Camera displaced: c1; c2 has its name now (two phones need one each: /camera/NAME)"
    ),
    (
        .relay(.reconnectMerged(cameraID: "c1")),
        "[DEBUG] 🔄 Merged a request with the next reconnect command to camera (ID: c1)"
    ),
    (
        .relay(.signalingRelayed("ice", from: .viewer(id: "v1"))),
        "[DEBUG] 📡 WebRTC signaling from viewer: ice"
    ),
    (
        .relay(.messageDropped(from: .viewer(id: "v1"), "not_json", detail: "text", .first)),
        "[WARNING] ⚠️ Dropped a message from viewer v1: text"
    ),
    (
        .relay(.picturesDropped(for: .viewer(id: "v1"), count: 12)),
        "[WARNING] 🐢 Dropped 12 pictures for viewer v1"
    ),
    (
        .relay(.peerClosed(.camera(id: "c1"), closeCode: 1009, "oversize")),
        "[WARNING] 🚪 Closed camera c1 with 1009: oversize"
    ),
    (
        .relay(.admissionRefused(status: 401, "no_token")),
        "[WARNING] 🚫 Refused a connection with 401: no_token"
    ),
    (
        .relay(.admissionRefused(status: 403, "foreign_origin", origin: "http://a\u{1B}[31m")),
        "[WARNING] 🚫 Refused a page's connection with 403: foreign_origin; "
            + #"allowed-origins does not name http://a\u{1B}[31m"#
    ),
    (
        .relay(.uploadDropped(.first)),
        "[WARNING] 🚫 Dropped an upload: recordings are not kept here, "
            + "and to any answer the app would delete its own"
    ),

    (.camera(.commandReceived("reconnect")), "[INFO] 📥 Received command: reconnect"),
    (.camera(.commandIgnored("dance")), "[INFO] 🙉 Ignored command: dance"),
    (.camera(.offerDelayed(.milliseconds(1_500))), "[INFO] 🐌 Offering in 1.5s"),
    (.camera(.offerSent), "[INFO] 📤 Sent offer"),
    (.camera(.answerReceived), "[INFO] 📥 Received answer"),
    (.camera(.answerRefused("it is empty")), "[WARNING] ⚠️ Refused answer: it is empty"),
    (.camera(.candidateDropped("localName")), "[DEBUG] 🧊 Dropped a candidate: localName"),
    (.camera(.messageIgnored("notJSON")), "[WARNING] ⚠️ Ignored a message: notJSON"),
    (.camera(.statusSent("waiting")), "[INFO] 📤 Sent status: waiting"),
    (.camera(.connectionState("connected")), "[INFO] 🔌 Connection state: connected"),
    (.camera(.iceState("completed")), "[INFO] 🧊 ICE state: completed"),
    (.camera(.framesStarted), "[INFO] 🎬 Sending frames"),
    (.camera(.framesSent(total: 60, fps: 30)), "[INFO] 📹 Sent frame 60 | FPS: 30.0"),
    (.camera(.zombie), "[WARNING] 🧟 Frames stop here, and the connection stays"),
    (.camera(.clipRepeated), "[DEBUG] 🔁 The clip begins anew"),
    (.camera(.clipEnded), "[INFO] 🏁 The clip is over"),
    (.camera(.peerFailed("no path")), "[ERROR] 💥 Connection failed: no path"),
    (.camera(.peerClosed(after: .milliseconds(80))), "[DEBUG] 🔧 Closed peer connection"),
    (.camera(.peerClosingLate), "[WARNING] 🐌 A peer connection is slow to close"),
    (.camera(.dying), "[WARNING] 💀 Dying without a word"),
    (.service(.started(version: "1.0.0")), "[INFO] 🚀 framewatch 1.0.0 started"),
    (.service(.configurationNoted("token is none")), "[INFO] 🔧 Configuration: token is none"),
    (.service(.listening(url: "http://host:3000")), "[INFO] 👂 Listening on http://host:3000"),
    (
        .service(.cameraPageServed(urls: "https://10.0.0.5:8443/camera", token: "its token is in /state/token")),
        "[INFO] 📱 Camera page: https://10.0.0.5:8443/camera; its token is in /state/token"
    ),
    (.service(.relayJoined(url: "ws://relay:8080")), "[INFO] 🔗 Joined relay ws://relay:8080"),
    (.service(.relayLost(url: "ws://relay:8080")), "[WARNING] 🔗 Lost relay ws://relay:8080"),
    (
        .service(.relayAwaited(url: "ws://relay:8080", in: .seconds(2), why: "Connection refused")),
        "[WARNING] 🔗 No relay at ws://relay:8080 (Connection refused); next try in 2.0s"
    ),
    (
        .service(.stateNotKept(why: "/s is full")),
        "[WARNING] 💾 Cannot keep incidents and totals, and goes on watching without: /s is full"
    ),
    (
        .service(.stateKeptAgain(lost: 3)),
        "[INFO] 💾 Incidents and totals are kept again; files lost: 3"
    ),
    (
        .service(.stateSetAside("/s", as: "/s.broken", why: "it is no JSON")),
        "[WARNING] 💾 Set /s aside as /s.broken, and counts anew: it is no JSON"
    ),
    (.service(.stopping(signal: "SIGTERM")), "[INFO] 👋 Stopping on SIGTERM"),
]

extension CameraName: ExpressibleByStringLiteral {
    public init(stringLiteral name: String) {
        guard let name = CameraName(name) else { fatalError("no camera is called \(name)") }
        self = name
    }
}

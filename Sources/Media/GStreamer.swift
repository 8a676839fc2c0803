// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import Host
import MainLoop

/// Why there is no media.
package enum MediaError: Error, Equatable, Sendable {
    case initialization(String)
    /// Elements that no installed plugin has.
    case missingElements([String])
    /// A pipeline can't be made, in GStreamer's words.
    case pipeline(String)
}

extension MediaError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .initialization(let why): "GStreamer does not start: \(why)"
        case .missingElements(let names):
            "GStreamer lacks \(names.joined(separator: ", ")); on Debian: apt install "
                + Set(names.map(MediaError.package)).sorted().joined(separator: " ")
        case .pipeline(let why): "GStreamer refuses: \(why)"
        }
    }

    /// The Debian package that has an element.
    private static func package(of element: String) -> String {
        switch element {
        case "nicesrc", "nicesink": "gstreamer1.0-nice"
        case "x264enc": "gstreamer1.0-plugins-ugly"
        case "rtpbin", "rtpjitterbuffer", "rtph264pay", "rtpvp8pay", "rtpopuspay", "rtph264depay", "rtpvp8depay",
            "vp8enc", "videoflip":
            "gstreamer1.0-plugins-good"
        case "webrtcbin", "dtlssrtpdec", "dtlssrtpenc", "srtpdec", "srtpenc", "sctpdec", "sctpenc", "h264parse":
            "gstreamer1.0-plugins-bad"
        default: "gstreamer1.0-plugins-base"
        }
    }
}

/// The library as a whole.
package enum GStreamer {
    /// What a peer is made of.
    private static let elements =
        [
            "nicesrc", "nicesink", "dtlssrtpdec", "dtlssrtpenc", "srtpdec", "srtpenc", "sctpdec", "sctpenc", "rtpbin",
            "rtpjitterbuffer", "webrtcbin",
        ] + StreamInlet.elements

    /// Starts it, once in a process and before the first peer, on any thread that may wait.
    package static func start() throws(MediaError) { _ = try certificate() }

    /// That of all peers.
    static func certificate() throws(MediaError) -> DTLSCertificate { try outcome.get() }

    private static let outcome = Result { () throws(MediaError) -> DTLSCertificate in
        // Before there are many threads: the first 8 for each core would each get an arena of their own.
        Host.boundMemory()
        var error: UnsafeMutablePointer<GError>?
        guard gst_init_check(nil, nil, &error) != 0 else {
            throw .initialization(error.map { GLibError(adopting: $0).message } ?? "unknown")
        }
        try require(elements)
        warmUp()
        holdSCTP()
        do throws(GLibError) { return try DTLSCertificate() } catch {
            throw .initialization("there is no certificate for DTLS: \(error.message)")
        }
    }

    /// Makes sure that there are plugins for all of these elements.
    static func require(_ elements: [String]) throws(MediaError) {
        let missing = elements.filter { name in
            let factory = gst_element_factory_find(name)
            defer { if let factory { gst_object_unref(factory.raw) } }
            return factory == nil
        }
        guard missing.isEmpty else { throw .missingElements(missing) }
    }

    /// Makes one of each, to load their plugins and make the key for DTLS: else the first phone waits for that.
    private static func warmUp() {
        for name in elements { gst_element_factory_make(name, nil).map { gst_object_unref($0.raw) } }
    }

    /// Keeps one association for ever: else usrsctp, its thread and its tables come and go with every peer.
    private static func holdSCTP() {
        guard let decoder = gst_element_factory_make("sctpdec", nil) else { return }
        gst_util_set_object_arg(decoder.raw.assumingMemoryBound(to: GObject.self), "sctp-association-id", "65534")
        gst_element_set_state(decoder, GST_STATE_PAUSED)
    }
}

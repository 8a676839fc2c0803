// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop

extension Element {
    static func newPipeline() throws(MediaError) -> GObjectRef<Element> {
        guard let pipeline = gst_pipeline_new(nil) else { throw .pipeline("there is none") }
        return GObjectRef(retaining: pipeline)
    }

    /// Makes a pipeline from a description for `gst-launch-1.0`.
    static func pipeline(_ description: String) throws(MediaError) -> GObjectRef<Element> {
        try made { gst_parse_launch_full(description, nil, GST_PARSE_FLAG_FATAL_ERRORS, $0) }
    }

    /// Makes a part of a pipeline; its loose ends become its pads.
    static func bin(_ description: String) throws(MediaError) -> GObjectRef<Element> {
        try made { gst_parse_bin_from_description(description, 1, $0) }
    }

    private static func made(
        _ make: (UnsafeMutablePointer<UnsafeMutablePointer<GError>?>) -> Element?
    ) throws(MediaError) -> GObjectRef<Element> {
        do throws(GLibError) {
            guard let element = try withGError(make) else { throw GLibError(message: "nothing came of it") }
            return GObjectRef(retaining: element)
        } catch {
            throw .pipeline(error.message)
        }
    }

    func add(_ element: Element) { gst_bin_add(raw.assumingMemoryBound(to: GstBin.self), element) }

    /// A part of this bin.
    func part(named name: String) throws(MediaError) -> GObjectRef<Element> {
        guard let part = gst_bin_get_by_name(raw.assumingMemoryBound(to: GstBin.self), name) else {
            throw .pipeline("there is no \(name)")
        }
        return GObjectRef(adopting: part)
    }
}

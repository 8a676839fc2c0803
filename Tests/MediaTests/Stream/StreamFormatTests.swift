// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling
import Testing

@testable import Media

struct StreamFormatTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let what: String
        let from: String
        let to: String
        let isAnother: Bool
        var testDescription: String { what }
    }

    private static let plain = "video/x-h264,stream-format=byte-stream,alignment=au,width=640,height=480,profile=main"

    @Test(arguments: [
        Row(what: "nothing changes", from: plain, to: plain, isAnother: false),
        Row(what: "a frame rate appears", from: plain, to: "\(plain),framerate=30/1", isAnother: false),
        Row(
            what: "a frame rate changes", from: "\(plain),framerate=30/1", to: "\(plain),framerate=15/1",
            isAnother: false),
        Row(what: "colours are told", from: plain, to: "\(plain),colorimetry=bt709", isAnother: false),
        Row(
            what: "the level rises", from: "\(plain),level=(string)3", to: "\(plain),level=(string)3.1",
            isAnother: false),
        Row(what: "a width", from: plain, to: plain.replacing("640", with: "480"), isAnother: true),
        Row(what: "a height", from: plain, to: plain.replacing("480", with: "640"), isAnother: true),
        Row(what: "a profile", from: plain, to: plain.replacing("main", with: "high"), isAnother: true),
        Row(
            what: "a size is known at last", from: "video/x-h264,profile=main", to: plain,
            isAnother: true),
    ])
    func `a format is another one where a decoder must begin anew`(row: Row) throws {
        try GStreamer.start()
        let (from, to) = (try format(row.from), try format(row.to))
        #expect((from != to) == row.isAnother)
    }

    @Test func `another codec is another format`() throws {
        try GStreamer.start()
        #expect(try format(StreamFormatTests.plain, of: .vp8) != format(StreamFormatTests.plain))
    }

    private func format(_ text: String, of codec: VideoCodec = .h264) throws -> StreamFormat {
        let caps = try #require(gst_caps_from_string(text))
        defer { gst_caps_unref(caps) }
        return StreamFormat(caps, of: codec)
    }
}

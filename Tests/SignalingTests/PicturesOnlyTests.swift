// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Signaling

/// A camera that sends pictures and does not offer.
struct PicturesOnlyTests {
    /// Asked so often, each time in vain, with a picture meanwhile.
    private func asked(_ times: Int, _ viewer: inout Viewer) -> [ViewerSession.Action] {
        var last: [ViewerSession.Action] = []
        for _ in 1...times {
            last = viewer(.reconnect(reason: "")) + viewer(.pictureReceived) + viewer(.reconnectFailed)
        }
        return last.filter { $0 != .send(.reconnectRequest(reason: "")) }
    }

    private var joined: Viewer {
        var viewer = Viewer()
        _ = viewer(.joined)
        _ = viewer(.received(.viewerRole(.holder, cameraPresent: true)))
        return viewer
    }

    @Test func `is asked three times, and then left alone`() {
        var viewer = joined
        #expect(asked(2, &viewer) == [])
        #expect(asked(1, &viewer) == [.reportPaused(.picturesOnly)])
        #expect(asked(9, &viewer) == [])
    }

    @Test func `is asked on if it stops to send them, for then it may be dead`() {
        var viewer = joined
        _ = asked(2, &viewer)
        _ = viewer(.reconnect(reason: ""))
        #expect(viewer(.reconnectFailed) == [])
    }

    @Test func `is asked on if it has offered, for then they may be of somebody else`() {
        var viewer = joined
        _ = viewer(.received(.offer(sdp: smallOffer())))
        #expect(asked(9, &viewer) == [])
        _ = viewer(.received(.cameraStatus(camera: "c", .recording)))
        #expect(asked(9, &viewer) == [])
    }

    @Test(
        arguments: [
            (.received(.offer(sdp: smallOffer())), .camera), (.received(.offer(sdp: "garbage")), .camera),
            (.received(.cameraStatus(camera: "c", .recording)), .camera),
            (.received(.viewerRole(.holder, cameraPresent: false)), .cameraLeft), (.joined, .newSocket),
        ] as [(ViewerSession.Event, ViewerSession.Resumption)])
    func `is asked again when something of it changes`(event: ViewerSession.Event, why: ViewerSession.Resumption) {
        var viewer = joined
        _ = asked(3, &viewer)
        #expect(viewer(event).last == .reportResumed(why))
    }

    @Test func `is left alone again if the change brings no video, and is not disturbed by the same word twice`() {
        var viewer = joined
        _ = viewer(.received(.cameraStatus(camera: "c", .waiting)))
        _ = asked(3, &viewer)
        #expect(viewer(.received(.cameraStatus(camera: "c", .waiting))) == [])
        #expect(viewer(.received(.cameraStatus(camera: "c", .recording))) == [.reportResumed(.camera)])
        #expect(asked(2, &viewer) == [])
        #expect(asked(1, &viewer) == [.reportPaused(.picturesOnly)])
    }
}

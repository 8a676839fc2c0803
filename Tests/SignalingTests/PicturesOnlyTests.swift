// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Signaling

/// A camera that sends pictures and does not offer.
struct PicturesOnlyTests {
    /// Asked so often, each time in vain, with a picture meanwhile.
    private func asked(_ times: Int, _ viewer: inout Viewer) -> [ViewerConversation.Step] {
        var last: [ViewerConversation.Step] = []
        for _ in 1...times {
            last =
                viewer.carryOut(.reopen(.gone, silence: .zero)) + viewer(.pictureReceived)
                + viewer.carryOut(.noteFailure)
        }
        return last.filter { $0 != .act(.send(.reconnectRequest(reason: "Camera closed the connection"))) }
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
        #expect(asked(1, &viewer) == [.report(.paused(.picturesOnly)), .tell(.paused)])
        #expect(asked(9, &viewer) == [])
    }

    @Test func `is asked on if it stops to send them, for then it may be dead`() {
        var viewer = joined
        _ = asked(2, &viewer)
        _ = viewer.carryOut(.reopen(.gone, silence: .zero))
        #expect(viewer.carryOut(.noteFailure) == [])
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
        ] as [(ViewerConversation.Event, ViewerConversation.Resumption)])
    func `is asked again when something of it changes`(
        event: ViewerConversation.Event, why: ViewerConversation.Resumption
    ) {
        var viewer = joined
        _ = asked(3, &viewer)
        #expect(viewer(event).suffix(2) == [.report(.resumed(why)), .tell(.resumed)])
    }

    @Test func `is left alone again if the change brings no video, and is not disturbed by the same word twice`() {
        var viewer = joined
        _ = viewer(.received(.cameraStatus(camera: "c", .waiting)))
        _ = asked(3, &viewer)
        #expect(viewer(.received(.cameraStatus(camera: "c", .waiting))) == [])
        #expect(
            viewer(.received(.cameraStatus(camera: "c", .recording))) == [.report(.resumed(.camera)), .tell(.resumed)])
        #expect(asked(2, &viewer) == [])
        #expect(asked(1, &viewer) == [.report(.paused(.picturesOnly)), .tell(.paused)])
    }
}

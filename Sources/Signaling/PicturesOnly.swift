// SPDX-License-Identifier: Apache-2.0

/// Finds cameras that send pictures and no video: they have not offered since they came, however often they were asked.
///
/// A camera may yet change its mode, so it is asked `enoughRequests` times. If the last request failed while pictures
/// came, it is certain, until the camera says something new.
struct PicturesOnly: Sendable {
    static let enoughRequests = 3

    private(set) var isCertain = false
    private var hasOffered = false
    private var requests = 0
    /// Since the last request.
    private var hasPictures = false

    mutating func received() { hasPictures = true }

    mutating func asked() {
        requests += 1
        hasPictures = false
    }

    mutating func requestFailed() {
        isCertain = !hasOffered && hasPictures && requests >= PicturesOnly.enoughRequests
    }

    mutating func offered() {
        hasOffered = true
        isCertain = false
    }

    /// It said something new.
    mutating func changed() {
        requests = 0
        isCertain = false
    }
}

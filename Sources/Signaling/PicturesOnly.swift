// SPDX-License-Identifier: Apache-2.0

/// Finds that a camera sends pictures and no video: it has not offered since it came, however often it was asked.
///
/// It may yet change its mode, so it is asked `enoughRequests` times. When the last of them has failed and pictures came
/// all the same, it is certain until something of the camera changes.
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

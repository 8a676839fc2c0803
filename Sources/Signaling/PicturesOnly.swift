// SPDX-License-Identifier: Apache-2.0

import Timing

/// Finds that a camera sends pictures and no video: it has not offered since it came, however often it was asked.
///
/// It may yet change its mode, so it is asked `enoughRequests` times; then pictures that still come `patience` after the
/// last of them make it certain, until something of it changes.
struct PicturesOnly: Sendable {
    static let enoughRequests = 3
    static let patience = Duration.seconds(30)

    private(set) var isCertain = false
    private var hasOffered = false
    private var requests = 0
    private var lastRequest: Instant?

    mutating func received(at now: Instant) {
        guard !hasOffered, requests >= PicturesOnly.enoughRequests, let lastRequest else { return }
        if lastRequest + PicturesOnly.patience <= now { isCertain = true }
    }

    mutating func asked(at now: Instant) {
        requests += 1
        lastRequest = now
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

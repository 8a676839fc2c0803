// SPDX-License-Identifier: Apache-2.0

/// Why the service cannot go on, in one line.
struct Complaint: Error, Equatable {
    let description: String

    init(_ description: String) { self.description = description }
}

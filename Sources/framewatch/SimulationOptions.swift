// SPDX-License-Identifier: Apache-2.0

/// Which worlds to simulate. As in `Configuration`, these values are blank.
struct SimulationOptions: Equatable, Sendable {
    var seeds = 0
    var firstSeed: UInt64 = 0
    var hours = 0
    /// Indices of the disturbances to keep; `nil` keeps all.
    var only: [Int]?
    /// `nil` is one for each core.
    var jobs: Int?

    static let settings = Settings(
        blank: SimulationOptions(),
        sections: [
            Section(
                "Simulation",
                [
                    Setting(
                        "seeds", \.seeds, .number(1...1_000_000_000), default: "200",
                        "How many worlds to simulate, each from a seed of its own."),
                    Setting(
                        "hours", \.hours, .number(1...100_000), default: "24", "How long each lasts, in virtual time."
                    ),
                    Setting("seed", \.firstSeed, .number(0...UInt64.max), default: "1", "The first seed."),
                    Setting(
                        "only", \.only, .disturbances, default: "",
                        "Indices of the disturbances to keep, or none of them. Empty: all."),
                    Setting(
                        "jobs", \.jobs, Form<Int>.number(1...1024).orNothing(), default: "",
                        "How many worlds to simulate at the same time. Empty: one for each core."),
                ])
        ])
}

extension Form where Value == [Int]? {
    /// As `Outcome.command` writes them.
    fileprivate static var disturbances: Form {
        let indices = Form<Int>.number(0...1_000_000).list()
        return Form(placeholder: indices.placeholder, allowed: "none, \(indices.allowed), or nothing") {
            text throws(NotAllowed) in
            switch text {
            case "": nil
            case "none": []
            default: try indices.read(text)
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

func runSimulation(_ options: SimulationOptions) -> Int32 {
    Framewatch.unavailable(.simulate)
}

// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// Swift 6 mode is the tools version's default; a warning is an error.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")]

/// Swift's `rounded()` is a call of libm where the processor has no instruction for it.
let mathematics = LinkerSetting.linkedLibrary("m")

/// A module that decides: no clock, no C, no Foundation (`scripts/lint` holds it to that), no unsafe memory.
func pure(_ name: String, _ below: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: below, swiftSettings: strict + [.strictMemorySafety()])
}

/// A module that acts.
func effect(_ name: String, _ below: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: below, swiftSettings: strict)
}

func tests(_ name: String, _ below: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: below, swiftSettings: strict)
}

let package = Package(
    name: "framewatch",
    products: [.executable(name: "framewatch", targets: ["framewatch"])],
    targets: [
        // Imports point down only: a module depends on some of those listed after it.
        .executableTarget(
            name: "framewatch",
            dependencies: [
                "Receiver", "Relay", "Camera", "Monitor", "Web", "RelayClient", "Sockets", "Media", "Simulation",
                "MainLoop", "Signaling", "Watchdog", "Telemetry", "Timing",
            ],
            swiftSettings: strict, linkerSettings: [mathematics]),
        .target(
            name: "Monitor", dependencies: ["Web", "Sockets", "MainLoop", "Signaling"],
            resources: [.embedInCode("camera.html"), .embedInCode("first.html")], swiftSettings: strict),
        effect("Receiver", ["RelayClient", "Media", "MainLoop", "Signaling", "Watchdog", "Telemetry", "Timing"]),
        effect("Relay", ["Web", "RelayClient", "Sockets", "MainLoop", "Signaling", "Telemetry", "Timing"]),
        effect("Camera", ["RelayClient", "Media", "MainLoop", "Signaling", "Telemetry", "Timing"]),
        effect("Web", ["Sockets", "MainLoop", "Signaling", "Telemetry", "Timing"]),
        effect("RelayClient", ["Sockets", "MainLoop", "Signaling", "Telemetry", "Timing"]),
        effect("Sockets", ["MainLoop", "CSoup", "CQREncode", "CGLib", "Timing"]),
        effect("Media", ["MainLoop", "CGStreamer", "CGLib", "Signaling", "Timing"]),
        effect("MainLoop", ["CGLib", "Timing"]),
        pure("Simulation", ["Signaling", "Watchdog", "Timing"]),
        pure("Signaling", ["Watchdog", "Timing"]),
        pure("Watchdog", ["Timing"]),
        pure("Telemetry", ["Timing"]),
        pure("Timing"),

        .systemLibrary(
            name: "CGStreamer", pkgConfig: "gstreamer-1.0 gstreamer-app-1.0 gstreamer-sdp-1.0 gstreamer-webrtc-1.0",
            providers: [
                .apt(["libgstreamer1.0-dev", "libgstreamer-plugins-base1.0-dev", "libgstreamer-plugins-bad1.0-dev"])
            ]),
        .systemLibrary(
            name: "CSoup", pkgConfig: "libsoup-3.0",
            providers: [.apt(["libsoup-3.0-dev"])]),
        .systemLibrary(
            name: "CQREncode", pkgConfig: "libqrencode",
            providers: [.apt(["libqrencode-dev"])]),
        .systemLibrary(
            name: "CGLib", pkgConfig: "glib-2.0 gobject-2.0 gio-2.0 gio-unix-2.0",
            providers: [.apt(["libglib2.0-dev"])]),

        .executableTarget(
            name: "bench-watchdog", dependencies: ["Watchdog", "Timing", "CAllocations"], path: "Benchmarks/Watchdog",
            swiftSettings: strict, linkerSettings: [mathematics]),
        .target(name: "CAllocations", path: "Benchmarks/CAllocations"),

        tests("EndToEndTests", ["framewatch", "RelayClient", "Sockets", "MainLoop", "Signaling", "Timing"]),
        tests(
            "FramewatchTests",
            [
                "framewatch", "Simulation", "Media", "Sockets", "MainLoop", "Signaling", "Timing", "Watchdog",
                "Telemetry",
            ]),
        tests("MediaTests", ["Media", "MainLoop", "CGStreamer", "CGLib", "Signaling", "Timing"]),
        tests("MainLoopTests", ["MainLoop", "Timing"]),
        tests("SimulationTests", ["Simulation", "Watchdog", "Timing"]),
        tests("MonitorTests", ["Monitor", "Web", "Sockets", "MainLoop", "Signaling"]),
        tests("ReceiverTests", ["Receiver", "Signaling", "Timing"]),
        tests("RelayClientTests", ["RelayClient", "Sockets", "MainLoop"]),
        tests("SignalingTests", ["Signaling", "Watchdog", "Timing"]),
        tests("SocketsTests", ["Sockets", "MainLoop", "CGLib", "Timing"]),
        tests("TelemetryTests", ["Telemetry", "Timing"]),
        tests("WatchdogTests", ["Watchdog", "Timing"]),
        tests("TimingTests", ["Timing"]),
        tests("WebTests", ["Web", "Sockets", "MainLoop", "Signaling", "Telemetry", "Timing"]),
    ]
)

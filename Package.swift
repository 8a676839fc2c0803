// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// Swift 6 mode is the tools version's default; a warning is an error.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")]

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
                "Receiver", "Relay", "Phone", "Monitor", "Web", "RelayClient", "Sockets", "Media", "Simulation",
                "Host", "MainLoop", "Signaling", "Watchdog", "Incidents", "Telemetry", "Text", "Timing",
            ],
            swiftSettings: strict),
        .target(
            name: "Monitor", dependencies: ["Web", "Sockets", "MainLoop", "Signaling", "Text"],
            resources: [.embedInCode("camera.html"), .embedInCode("first.html")], swiftSettings: strict),
        effect(
            "Receiver", ["RelayClient", "Media", "MainLoop", "Signaling", "Watchdog", "Telemetry", "Text", "Timing"]),
        effect("Relay", ["Web", "RelayClient", "Sockets", "MainLoop", "Signaling", "Telemetry", "Text", "Timing"]),
        effect("Phone", ["RelayClient", "Media", "MainLoop", "Signaling", "Telemetry", "Text", "Timing"]),
        effect("Web", ["Sockets", "MainLoop", "Signaling", "Telemetry", "Text", "Timing"]),
        effect("RelayClient", ["Sockets", "MainLoop", "Signaling", "Telemetry", "Text", "Timing"]),
        effect("Sockets", ["Host", "MainLoop", "CSoup", "CQREncode", "CGLib", "Timing"]),
        effect("Media", ["Host", "MainLoop", "CGStreamer", "CGLib", "Signaling", "Timing"]),
        effect("Host", ["MainLoop", "CGLib", "Timing"]),
        effect("MainLoop", ["CGLib", "Timing"]),
        pure("Simulation", ["Signaling", "Watchdog", "Text", "Timing"]),
        pure("Signaling", ["Watchdog", "Text", "Timing"]),
        pure("Watchdog", ["Timing"]),
        pure("Incidents", ["Telemetry", "Text", "Timing"]),
        pure("Telemetry", ["Text", "Timing"]),
        pure("Text"),
        pure("Timing"),

        .systemLibrary(
            name: "CGStreamer",
            pkgConfig: "gstreamer-1.0 gstreamer-app-1.0 gstreamer-sdp-1.0 gstreamer-webrtc-1.0 nice",
            providers: [
                .apt([
                    "libgstreamer1.0-dev", "libgstreamer-plugins-base1.0-dev", "libgstreamer-plugins-bad1.0-dev",
                    "libnice-dev",
                ])
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
            swiftSettings: strict),
        .target(name: "CAllocations", path: "Benchmarks/CAllocations"),

        tests(
            "EndToEndTests",
            ["framewatch", "RelayClient", "Sockets", "Host", "MainLoop", "Signaling", "Text", "Timing"]),
        tests(
            "FramewatchTests",
            [
                "framewatch", "Simulation", "Media", "Sockets", "Host", "MainLoop", "Signaling", "Timing", "Watchdog",
                "Incidents", "Telemetry", "Text",
            ]),
        tests("IncidentsTests", ["Incidents", "Telemetry", "Text", "Timing"]),
        tests("MediaTests", ["Media", "MainLoop", "CGStreamer", "CGLib", "Signaling", "Timing"]),
        tests("HostTests", ["Host", "MainLoop", "Timing"]),
        tests("MainLoopTests", ["MainLoop", "Timing"]),
        tests("SimulationTests", ["Simulation", "Watchdog", "Timing"]),
        tests("MonitorTests", ["Monitor", "Web", "Sockets", "MainLoop", "Signaling", "Text"]),
        tests("ReceiverTests", ["Receiver", "Signaling", "Text", "Timing"]),
        tests("RelayClientTests", ["RelayClient", "Sockets", "MainLoop"]),
        tests("SignalingTests", ["Signaling", "Watchdog", "Text", "Timing"]),
        tests("SocketsTests", ["Sockets", "Host", "MainLoop", "CGLib", "Timing"]),
        tests("TelemetryTests", ["Telemetry", "Timing"]),
        tests("WatchdogTests", ["Watchdog", "Timing"]),
        tests("TextTests", ["Text"]),
        tests("TimingTests", ["Timing"]),
        tests("WebTests", ["Web", "Sockets", "MainLoop", "Signaling", "Telemetry", "Timing"]),
    ]
)

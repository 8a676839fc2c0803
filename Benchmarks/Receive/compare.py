#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures `framewatch run` beside a bare webrtcbin in C, in turns on the same video: scripts/bench receive

Both get 10 s of 1280x720 at 30 frames a second and 1.8 Mbit/s, encoded before and repeated, over 1 and 16 connections.
When DTLS begins is luck, by tenths of a second: a round's first frame is the median of at least nine connections.
"""

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = "gstreamer-1.0 gstreamer-webrtc-1.0 gstreamer-sdp-1.0 gstreamer-app-1.0"
PICTURE = "videotestsrc num-buffers=300 horizontal-speed=3 ! video/x-raw,width=1280,height=720,framerate=30/1"
ENCODERS = {
    "h264": "x264enc bitrate=1800 pass=cbr tune=zerolatency speed-preset=ultrafast key-int-max=300"
            " ! video/x-h264,profile=constrained-baseline ! h264parse",
    "vp8": "vp8enc target-bitrate=1800000 end-usage=cbr deadline=1 cpu-used=8 min-quantizer=0 keyframe-max-dist=300",
}
FEWEST_CONNECTIONS = 9
FIGURES = [
    ("CPU s per 1,000 frames", "cpu", "{:10.3f}"),
    ("resident MB", "memory", "{:10.1f}"),
    ("s from offer to first frame", "first", "{:10.3f}"),
    ("threads", "threads", "{:10.0f}"),
]


def options():
    parser = argparse.ArgumentParser(description="Compares what receiving costs.")
    parser.add_argument("--program", default=".build/release/framewatch")
    parser.add_argument("--codecs", default="h264,vp8")
    parser.add_argument("--streams", default="1,16")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=15)
    return parser.parse_args()


def build(directory):
    flags = subprocess.check_output(["pkg-config", "--cflags", "--libs", *PACKAGES.split()], text=True).split()
    for name in ("sender", "bare"):
        source, program = f"{HERE}/{name}.c", f"{directory}/{name}"
        subprocess.check_call(["cc", "-O2", "-Wall", "-Wextra", "-D_GNU_SOURCE", "-o", program, source, *flags])


def encode(codec, directory):
    pipeline = f"{PICTURE} ! {ENCODERS[codec]} ! matroskamux ! filesink location={directory}/{codec}.mkv"
    subprocess.check_call(["gst-launch-1.0", "-q", *shlex.split(pipeline)])


def send(directory, codec, streams, seconds, receiver):
    words = [f"{directory}/sender", f"{directory}/{codec}.mkv", str(streams), str(seconds), *receiver]
    return json.loads(subprocess.check_output(words, timeout=seconds + 60))


def measure(directory, codec, streams, seconds, receiver):
    figures = send(directory, codec, streams, seconds, receiver)
    first = [figures["first"]]
    while len(first) * streams < FEWEST_CONNECTIONS:
        first.append(send(directory, codec, streams, 0, receiver)["first"])
    figures["first"] = statistics.median(first)
    if figures["rate"] < 29 * streams:
        print(f"receive: only {figures['rate']} frames/s came of {30 * streams}", file=sys.stderr)
    return figures


def report(codec, streams, ours, bare):
    print(f"\n{codec}, {streams} {'stream' if streams == 1 else 'streams'}")
    print(f"{'':30}{'ours':>10}{'bare C':>10}   ours : bare")
    for title, key, form in FIGURES:
        mine, theirs = ([round[key] for round in rounds] for rounds in (ours, bare))
        ratios = [a / b for a, b in zip(mine, theirs)]
        print(
            f"{title:30}{form.format(statistics.median(mine))}{form.format(statistics.median(theirs))}"
            f"   {statistics.median(ratios):.2f}  ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)


def main():
    given = options()
    with tempfile.TemporaryDirectory() as directory:
        build(directory)
        receivers = {
            "ours": ["/usr/bin/python3", f"{HERE}/bridge.py", given.program],
            "bare": [f"{directory}/bare"],
        }
        for codec in given.codecs.split(","):
            encode(codec, directory)
            for streams in map(int, given.streams.split(",")):
                figures = {"ours": [], "bare": []}
                for _ in range(given.rounds):
                    for name, command in receivers.items():
                        figures[name].append(measure(directory, codec, streams, given.seconds, command))
                report(codec, streams, **figures)


main()

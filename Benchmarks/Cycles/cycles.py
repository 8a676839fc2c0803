#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Connects one service with cameras again and again, and shows what the service keeps: scripts/bench cycles

A cycle is a reconnect command, the camera's new offer, its first frame, and the end of the connection before. Between
two lines of the table the service is left alone until nothing of it moves any more.
"""

import argparse
import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

SERVICE = """{program} run --bind 127.0.0.1 --ws-port 0 --http-port 0 --https-port 0 --token none
    --state-dir {directory} --log-format json --log-level debug"""
CAMERA = """{program} camera --relay {url} --token none --state-dir {directory} --name {name}
    --size 320x180 --fps 15 --bitrate 200"""
#: GLib keeps an idle thread of its pool for 15 s.
SETTLING = 17


def options():
    parser = argparse.ArgumentParser(description="Shows what connections leave behind.")
    parser.add_argument("--cycles", type=int, default=1000)
    # More of them are quicker, since a relay passes on one command a second to each, but take longer to fill the heap.
    parser.add_argument("--cameras", type=int, default=1)
    parser.add_argument("--every", type=int, default=200, help="cycles for each line of the table")
    parser.add_argument("--program", default=".build/release/framewatch")
    parser.add_argument("--patience", type=float, default=30, help="seconds in which a cycle must be done")
    return parser.parse_args()


@contextlib.contextmanager
def running(command, **places):
    """A process that must end well when it is told to."""
    words = shlex.split(command.format(**places))
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            # A sanitizer looks through all memory then.
            status = process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
    if status:
        sys.exit(f"cycles: {words[1]} ended with {status}")


class Log:
    """What the service says, and what of it counts."""

    def __init__(self, process):
        self.process = process
        self.opened = self.closed = self.streams = 0

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"cycles: the service ended with {self.process.wait()}")
        entry = json.loads(line)
        event = entry["event"]
        self.opened += event == "connection_opened"
        self.closed += event == "connection_closed"
        self.streams += event == "first_frame"
        if event in ("connection_failed", "connection_closing_late", "library_warned"):
            print(f"cycles: {line.strip()}", file=sys.stderr)
        return entry

    def until(self, is_done, patience):
        signal.setitimer(signal.ITIMER_REAL, patience)
        while not is_done(self.read()):
            pass
        signal.setitimer(signal.ITIMER_REAL, 0)


def footprint(process):
    with open(f"/proc/{process.pid}/smaps_rollup") as lines:
        sizes = {line.split()[0]: int(line.split()[1]) for line in lines if line.endswith("kB\n")}
    descriptors, threads = (len(os.listdir(f"/proc/{process.pid}/{kind}")) for kind in ("fd", "task"))
    return sizes["Rss:"], sizes["Anonymous:"], descriptors, threads


def main():
    given = options()
    signal.signal(signal.SIGALRM, lambda *_: sys.exit("cycles: the service is stuck"))
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        service = stack.enter_context(running(SERVICE, program=given.program, directory=directory))
        log, ways = Log(service), {}

        def listens(entry):
            if entry["event"] == "listening":
                scheme, _, _ = entry["url"].partition(":")
                ways[scheme] = entry["url"]
            return len(ways) == 3

        log.until(listens, given.patience)
        for number in range(given.cameras):
            name = f"camera-{number + 1}"
            camera = running(CAMERA, program=given.program, url=ways["ws"], directory=directory, name=name)
            subprocess.Popen(["cat"], stdin=stack.enter_context(camera).stdout, stdout=subprocess.DEVNULL)
        log.until(lambda _: log.streams == given.cameras, given.patience)
        report(service, log, ways["http"], given)


def report(service, log, url, given):
    print("cycles   resident kB   of it anonymous   descriptors   threads   seconds")
    resident, start = {}, time.monotonic()
    for goal in range(0, given.cycles + 1, given.every):
        while log.closed < goal:
            cycle(log, url, given)
        time.sleep(SETTLING)
        resident[goal], anonymous, descriptors, threads = footprint(service)
        print(
            f"{log.closed:6,}   {resident[goal]:11,}   {anonymous:15,}   {descriptors:11}   {threads:7}"
            f"   {time.monotonic() - start:7.0f}",
            flush=True)
    _, first, *_, last = *resident, max(resident)
    if first < last:
        slope = (resident[last] - resident[first]) / (last - first)
        print(f"resident memory from cycle {first:,} to {last:,}: {slope:+.2f} kB a cycle")


def cycle(log, url, given):
    """One of each camera."""
    goal = log.streams + given.cameras
    urllib.request.urlopen(urllib.request.Request(f"{url}/control/reconnect", method="POST")).read()
    log.until(lambda _: log.streams >= goal and log.opened == log.closed + given.cameras, given.patience)


main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Connects one service with one camera again and again, and shows what the service keeps: scripts/bench cycles

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

SERVICE = """.build/release/framewatch run --bind 127.0.0.1 --ws-port 0 --http-port 0 --https-port 0 --token none
    --state-dir {directory} --log-format json --log-level debug"""
CAMERA = """.build/release/framewatch camera --relay {url} --token none --state-dir {directory} --size 320x180 --fps 15
    --bitrate 200"""
#: GLib keeps an idle thread of its pool for 15 s.
SETTLING = 17


def options():
    parser = argparse.ArgumentParser(description="Shows what connections leave behind.")
    parser.add_argument("--cycles", type=int, default=1000)
    parser.add_argument("--every", type=int, default=200, help="cycles for each line of the table")
    parser.add_argument("--service", default=SERVICE, help="another command, with {directory}")
    parser.add_argument("--camera", default=CAMERA, help="another command, with {url} and {directory}")
    parser.add_argument("--patience", type=float, default=30, help="seconds in which a cycle must be done")
    return parser.parse_args()


@contextlib.contextmanager
def running(command, **places):
    """A process in a group of its own, ended with all that it started."""
    words = shlex.split(command.format(**places))
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, start_new_session=True, text=True)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()


class Log:
    """What the service says, and what of it counts."""

    def __init__(self, process):
        self.process = process
        self.opened = self.closed = self.cycles = 0

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"cycles: the service ended with {self.process.wait()}")
        entry = json.loads(line)
        event = entry["event"]
        self.opened += event == "peer_opened"
        self.closed += event == "peer_closed"
        self.cycles += event == "first_frame"
        if event in ("fingerprint_mismatch", "library_warned", "peer_closing_late"):
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
        service = stack.enter_context(running(given.service, directory=directory))
        log, ways = Log(service), {}

        def listens(entry):
            if entry["event"] == "listening":
                scheme, _, _ = entry["url"].partition(":")
                ways[scheme] = entry["url"]
            return len(ways) == 3

        log.until(listens, given.patience)
        camera = stack.enter_context(running(given.camera, url=ways["ws"], directory=directory))
        subprocess.Popen(["cat"], stdin=camera.stdout, stdout=subprocess.DEVNULL)
        log.until(lambda _: log.cycles > 0, given.patience)
        report(service, log, ways["http"], given)


def report(service, log, url, given):
    print("cycle   peers   resident kB   of it anonymous   descriptors   threads   seconds", flush=True)
    marks, start = {}, time.monotonic()
    for cycle in range(given.cycles + 1):
        if cycle:
            urllib.request.urlopen(urllib.request.Request(f"{url}/control/reconnect", method="POST")).read()
            before = log.cycles
            log.until(lambda _: log.cycles > before and log.opened == log.closed + 1, given.patience)
        if cycle % given.every == 0:
            time.sleep(SETTLING)
            marks[cycle] = footprint(service)
            resident, anonymous, descriptors, threads = marks[cycle]
            print(
                f"{cycle:5,}   {log.opened:5,}   {resident:11,}   {anonymous:15,}   {descriptors:11}   {threads:7}"
                f"   {time.monotonic() - start:7.0f}",
                flush=True)
    first, last = sorted(marks)[1:][:1], max(marks)
    for begin in first:
        if begin < last:
            slope = (marks[last][0] - marks[begin][0]) / (last - begin)
            print(f"resident memory from cycle {begin:,} to {last:,}: {slope:+.2f} kB a cycle")


main()

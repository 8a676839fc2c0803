# SPDX-License-Identifier: Apache-2.0
"""Looks at the receiver's process from outside, and asks it how many frames it has counted."""

import json
import os
import re
import threading
import urllib.request
from pathlib import Path

FRAMES = re.compile(r'^framewatch_frames_total\{camera="([^"]*)"\} (\S+)$', re.MULTILINE)
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 2


class Sampler(threading.Thread):
    def __init__(self, record, receiver, url, interval):
        super().__init__(daemon=True)
        self.record, self.receiver, self.url, self.interval = record, receiver, url, interval
        self.frames = {}
        self.over = threading.Event()

    def run(self):
        with self.receiver.host.inside():
            while not self.over.wait(self.interval - self.record.at % self.interval):
                self.sample()

    def stop(self):
        self.over.set()
        if self.is_alive():
            self.join()

    def sample(self):
        at = self.record.at
        try:
            usage = self.usage(Path(f"/proc/{self.receiver.process.pid}"))
            self.frames |= counted(self.url)
        except OSError:
            return  # Whoever misses the sample finds in the log why the receiver was not there.
        self.record.line("samples.jsonl", at=at, **usage, frames=self.frames)

    def usage(self, process):
        status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        times = (process / "stat").read_text().rpartition(")")[2].split()
        return {
            "rss_kib": int(status["VmRSS"].split()[0]), "descriptors": len(os.listdir(process / "fd")),
            "threads": int(status["Threads"]), "cpu_seconds": (int(times[11]) + int(times[12])) / TICKS}


def counted(url):
    """The frames of each camera so far."""
    return {camera: int(float(count)) for camera, count in FRAMES.findall(fetched(url))}


def status(url):
    """How many cameras and viewers a relay has."""
    return json.loads(fetched(url))


def fetched(url):
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return answer.read().decode()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Follows a running soak in the terminal, until it ends: scripts/soak-view DIR

A terminal is redrawn in place; into a pipe goes a line now and then. Ends with the verdict, and its exit status.
"""

import os
import shutil
import sys
import time

import evidence
import story
import words
from figures import quantile
from plots import clock
from promises import Verdict

REDRAWN, PRINTED = 0.5, 5.0
"""Seconds between two looks, of a person and of a pipe."""
STALE = 60
"""Seconds without anything new after which one wonders."""
PATIENCE = 20
"""For the report, once the run is over."""
PIECES = " ▏▎▍▌▋▊▉█"


class View:
    """What there is to say of a run as it stands."""

    def __init__(self, path):
        self.directory = evidence.Directory(path)
        self.run = evidence.Run(self.directory.about)
        self.news = time.time()
        self.healed, self.ailing = [], []

    def look(self):
        known = dict(self.directory.offsets)
        evidence.take(self.directory, self.run)
        if known != self.directory.offsets:
            self.news = time.time()
        self.ailing = []
        for camera in self.run.cameras:
            found = story.episodes(self.run, camera)
            self.healed += [episode for episode in found if episode.end is not None]
            ailing = [episode for episode in found if episode.end is None]
            self.ailing += ailing
            # What belongs to no episode that goes on need not be gone through again.
            self.run.events[camera] = [
                event for event in self.run.events_of(camera) if ailing and event.at >= ailing[0].begin]

    @property
    def episodes(self):
        return self.healed + self.ailing

    @property
    def share(self):
        return min(1, self.run.end / self.run.planned) if self.run.planned else 1

    @property
    def progress(self):
        return f"{clock(self.run.end, self.run.planned)} of {clock(self.run.planned, self.run.planned)}"

    @property
    def left(self):
        """On the clock on the wall, by how fast it has been since run.json was last written: when it began."""
        if self.run.is_over:
            return "over"
        if not self.run.end:
            return "waiting for the first frames"
        elapsed = time.time() - (self.directory.path / "run.json").stat().st_mtime
        if elapsed < 3:
            return ""
        if time.time() - self.news > STALE:
            return f"nothing new for {words.lasting(time.time() - self.news)}: does it still run?"
        return f"{words.lasting(max(0, self.run.planned - self.run.end) * elapsed / self.run.end)} left"

    @property
    def now(self):
        """What network and phone are doing."""
        current = [condition for condition in self.run.conditions if condition.end == self.run.end]
        current.sort(key=lambda condition: condition.is_strike)
        return ", ".join(f"{one.what} for {words.lasting(self.run.end - one.begin)}" if one.is_strike else one.what
                         for one in current) or "–"

    @property
    def requests(self):
        return sum(len(episode.requests) for episode in self.episodes)

    @property
    def rates(self):
        """Frames a second of each camera, over the last samples."""
        latest = self.run.samples[-3:]
        if len(latest) < 2:
            return "–"
        seconds = latest[-1].at - latest[0].at
        return ", ".join(f"{(latest[-1].frames.get(camera, 0) - latest[0].frames.get(camera, 0)) / seconds:.1f}"
                         for camera in self.run.cameras)

    @property
    def usage(self):
        if not self.run.samples:
            return "–"
        latest = self.run.samples[-1]
        return f"{latest.memory:.1f} MiB, {latest.descriptors} descriptors, {latest.threads} threads"

    def line(self):
        """For a pipe."""
        return (f"{self.share * 100:3.0f} %  {self.progress}, {self.left or '…'}: {self.rates} fps, "
                f"{len(self.episodes)} episodes, {self.requests} requests, {self.usage}")

    def screen(self, width):
        """For a terminal."""
        detections = [episode.detection for episode in self.episodes if episode.detection is not None]
        recoveries = [episode.recovery for episode in self.healed]
        waiting = f", {len(self.ailing)} not healed yet" if self.ailing else ""
        rows = [("now", self.now), ("frames", f"{self.rates} a second"),
                ("episodes", f"{len(self.episodes)}{waiting}"), ("requests", f"{self.requests}")]
        rows += [(name, f"{quantile(found, 0.5):.2f} s in the median, {max(found):.2f} s at worst")
                 for name, found in (("detection", detections), ("recovery", recoveries)) if found]
        rows.append(("memory", self.usage))
        rest = f" {self.share * 100:3.0f} %  {self.progress}  {self.left}"
        return [f"{self.run.about['profile']}: {words.headline(self.run)}",
                bar(self.share, max(10, min(48, width - len(rest) - 1))) + rest,
                *(f"{name:10} {what}" for name, what in rows)]


def bar(share, width):
    eighths = round(share * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (PIECES[rest] if full < width else "")).ljust(width, "░").replace(" ", "░")


def verdict(path):
    """The report's, or what it will be."""
    end = time.time() + PATIENCE
    report = path / "report.txt"
    while time.time() < end:
        if report.exists() and (lines := report.read_text().splitlines()):
            return lines[0]
        time.sleep(0.2)
    return Verdict(evidence.read(path)).line


def follow(view):
    is_terminal = sys.stdout.isatty()
    drawn = 0
    while True:
        view.look()
        if is_terminal:
            width = shutil.get_terminal_size().columns
            rows = [row[:width - 1] for row in view.screen(width)]
            print(f"\x1b[{drawn}A\x1b[J" * bool(drawn) + "\n".join(rows), flush=True)
            drawn = len(rows)
        else:
            print(view.line(), flush=True)
        if view.run.is_over:
            break
        time.sleep(REDRAWN if is_terminal else PRINTED)
    line = verdict(view.directory.path)
    print(line)
    return 1 if line.startswith("BROKEN") else 0


def main(arguments):
    if len(arguments) != 1:
        print("usage: scripts/soak-view DIR", file=sys.stderr)
        return 64
    try:
        return follow(View(arguments[0]))
    except evidence.NoSoak as mistake:
        print(f"soak-view: {mistake}", file=sys.stderr)
        return 64
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

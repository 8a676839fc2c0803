# SPDX-License-Identifier: Apache-2.0
"""What is plotted over the time of a run, one panel below the other."""

from html import escape
from itertools import pairwise
from statistics import median

import netem
import plots
from plots import LEFT, RIGHT, Panel, Time, Values
from spans import Spans
from story import DETECTION_LIMIT

ABOVE = 34
"""A panel's title, and what is free above it."""
KINDS = ("zombie", "blackout", "new-address", "frozen", "killed", "relay-down")


def kinds(run):
    """What can strike, as spans by camera, of what did."""
    found = {"zombie": lambda camera: Spans(
        (at, min(at + DETECTION_LIMIT, run.end)) for at in run.zombies_of(camera))}
    found |= {what: lambda camera, what=what: run.struck(what) for what in KINDS[1:]}
    return {kind: spans for kind, spans in found.items() if any(spans(camera).pairs for camera in run.cameras)}


class Stack:
    """Panels that grow downwards."""

    def __init__(self, run):
        self.run, self.time = run, Time(max(run.end, 1))
        self.parts, self.bottom = [], 0

    def panel(self, title, height, lowest, highest, marks, is_logarithmic=False):
        top = self.bottom + ABOVE
        self.bottom = top + height
        return Panel(title, self.time, Values(top, height, lowest, highest, is_logarithmic), marks)

    def add(self, panel):
        self.parts.append(panel.svg)

    def counted(self, title, height, points, unit="", least_span=4):
        """A panel whose axis is as high as its points."""
        values = [value for _, value in points] or [0]
        low, high = min(values), max(values)
        room = max(least_span - (high - low), (high - low) * 0.15)
        low, high = max(0, low - room / 2), high + room / 2
        marks = [(mark, f"{mark:g}{unit}") for mark in plots.ticks(low, high, 3)]
        panel = self.panel(title, height, low, high, marks)
        panel.draw(points)
        return panel


def over_time(verdict):
    """The whole figure."""
    run = verdict.run
    stack = Stack(run)
    lane = paths_lane(stack)
    frames(stack, verdict)
    intervals(stack, verdict)
    usage(stack, verdict)
    axis = plots.time_axis(stack.time, stack.bottom + 6, lane)
    return plots.figure(stack.bottom + 30, axis + "".join(stack.parts), "The run over time", "time")


def paths_lane(stack):
    """What the path was told to be, in words where they fit; the worse, the darker."""
    top, height = 22, 18
    parts = [f'<text class="title" x="{LEFT}" y="{top - 8}">Path</text>']
    for path in stack.run.paths:
        x, wide = stack.time.x(path.begin), stack.time.x(path.end) - stack.time.x(path.begin)
        parts.append(f'<rect class="path worse{severity(path.what)}" x="{x:.2f}" y="{top}" '
                     f'width="{max(wide, 0.3):.2f}" height="{height}"><title>{escape(path.what)}</title></rect>')
        if wide > 6 * len(path.what) + 8:
            parts.append(f'<text class="words" x="{x + 6:.1f}" y="{top + 13}">{escape(path.what)}</text>')
    parts.append(f'<text class="note end" x="{RIGHT}" y="{top - 8}">'
                 "the lossier, slower and narrower, the darker</text>")
    stack.parts += parts
    stack.bottom = top + height
    strikes_lanes(stack)
    return top


def strikes_lanes(stack):
    """A fine lane for each kind of strike, where each one can be seen however long the run is."""
    x, height = stack.time.x, 8
    for kind, spans in kinds(stack.run).items():
        top = stack.bottom + 6
        every = Spans(span for camera in stack.run.cameras for span in spans(camera))
        outline = "".join(f"M{x(begin):.2f} {top}h{max(x(end) - x(begin), 0.7):.2f}v{height}H{x(begin):.2f}z"
                          for begin, end in every)
        stack.parts.append(f'<text class="tick end" x="{LEFT - 8}" y="{top + 8}">{kind}</text>'
                           f'<path class="{kind}" d="{outline}"/>')
        stack.bottom = top + height


def severity(words):
    """From 0 to 3: how bad a path is."""
    try:
        path = netem.understood(words)
    except netem.NotUnderstood:
        return 3
    return (path.loss_share >= 0.01) + (path.delay >= 0.06) + bool(path.rate)


def frames(stack, verdict):
    """Frames a second of each camera, and what struck it."""
    run, strikes = stack.run, kinds(stack.run)
    height = 150 if len(run.cameras) == 1 else 84 if len(run.cameras) <= 4 else 52
    for camera in run.cameras:
        points = [(end, came / (end - begin)) for begin, end, came in run.windows_of(camera) if end > begin]
        most = max((value for _, value in points), default=1) * 1.08 or 1
        name = "Frames a second" if len(run.cameras) == 1 else f"Frames a second, {camera}"
        marks = [(mark, f"{mark:g}") for mark in plots.ticks(0, most, 4 if height > 60 else 2)]
        panel = stack.panel(name, height, 0, most, marks)
        for kind, spans in strikes.items():
            panel.shade(spans(camera), kind)
        panel.draw(points)
        stack.add(panel)


def intervals(stack, verdict):
    """Between frames: what is usual, and how far it goes."""
    run = stack.run
    points = sorted((end, (end - begin) / came) for camera in run.cameras
                    for begin, end, came in run.windows_of(camera) if came)
    silences = sorted((event.at, event.silence_seconds) for camera in run.cameras
                      for event in run.events_of(camera) if event.name == "recovered" and event.silence_seconds)
    usual = median(value for _, value in points) if points else 1
    longest = max((value for _, value in points + silences), default=1)
    highest = 10 ** next(power for power in range(0, 9) if 10 ** power >= longest)
    marks = [(10 ** power, f"{10 ** power:g} s" if power >= 0 else f"{1000 * 10 ** power:g} ms")
             for power in range(-2, 9) if 10 ** power <= highest]
    panel = stack.panel("Between two frames", 110, 0.01, highest, marks, is_logarithmic=True)
    panel.sticks(silences, usual)
    panel.draw(points)
    panel.note(f"{usual * 1000:.0f} ms in the median, {longest:.1f} s at most")
    stack.add(panel)


def usage(stack, verdict):
    """What the receiver's process took."""
    samples = stack.run.samples
    memory = stack.counted("Resident memory, MiB", 90, [(sample.at, sample.memory) for sample in samples])
    if verdict.memory:
        memory.slope(verdict.memory, verdict.settled[0].at, verdict.settled[-1].at,
                     f"{verdict.memory.rise:+.2f} MiB an hour after the warm-up")
    stack.add(memory)
    stack.add(stack.counted("Open descriptors", 56, [(sample.at, sample.descriptors) for sample in samples]))
    stack.add(stack.counted("Threads", 56, [(sample.at, sample.threads) for sample in samples]))
    used = [(other.at, 100 * (other.cpu - one.cpu) / (other.at - one.at))
            for one, other in pairwise(samples) if other.at > one.at and other.cpu >= one.cpu]
    cpu = stack.counted("CPU, of one core", 70, used, " %", least_span=2)
    if used:
        cpu.note(f"{100 * (samples[-1].cpu - samples[0].cpu) / (samples[-1].at - samples[0].at):.1f} % in the mean")
    stack.add(cpu)

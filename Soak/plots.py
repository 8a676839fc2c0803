# SPDX-License-Identifier: Apache-2.0
"""Plots as SVG: panels over one axis of time, and how often something took how long. Colours are the page's."""

import math
from dataclasses import dataclass
from html import escape
from statistics import fmean, median

WIDTH, LEFT, RIGHT = 1080, 78, 1064
COLUMNS = 500
"""Many more points than this become, in each column, a least, a greatest and a middle one."""
STEPS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200, 86400, 172800]


def clock(at, end):
    """A time of the run; its first is nought."""
    hours, minutes, seconds = int(at // 3600), int(at % 3600 // 60), int(at % 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if end >= 3600 else f"{minutes}:{seconds:02}"


def tick_clock(at, end):
    """The same where only round times are named."""
    return clock(at, end).removesuffix(":00") if end >= 3600 else clock(at, end)


def time_ticks(end, most=13):
    step = next((step for step in STEPS if end / step <= most), STEPS[-1])
    return [number * step for number in range(int(end / step) + 1)]


def ticks(lowest, highest, most):
    """Round numbers from one to the other."""
    raw = (highest - lowest) / most
    power = 10 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.999)
    return [number * step for number in range(math.ceil(lowest / step - 1e-9), math.floor(highest / step + 1e-9) + 1)]


@dataclass(frozen=True)
class Time:
    """The axis that all panels share."""

    end: float

    def x(self, at):
        return LEFT + (RIGHT - LEFT) * at / self.end

    def columns(self, points, middle=fmean):
        """(x, least, greatest, middle) of what lies in each column; of each point, where there are few."""
        if len(points) <= 2 * COLUMNS:
            return [(self.x(at), value, value, value) for at, value in points]
        found = {}
        for at, value in points:
            found.setdefault(int(at / self.end * COLUMNS), []).append(value)
        return [(self.x((column + 0.5) * self.end / COLUMNS), min(values), max(values), middle(values))
                for column, values in sorted(found.items())]


@dataclass(frozen=True)
class Values:
    """A panel's other axis."""

    top: float
    height: float
    lowest: float
    highest: float
    is_logarithmic: bool = False

    def y(self, value):
        value = min(max(value, self.lowest), self.highest)
        low, high, value = [math.log10(one) if self.is_logarithmic else one
                            for one in (self.lowest, self.highest, value)]
        return self.top + self.height * (1 - (value - low) / (high - low))


class Panel:
    """A title, an axis, and what is drawn between them."""

    def __init__(self, title, time, values, marks):
        """`marks` are values of the axis and what they are called."""
        self.time, self.values = time, values
        self.parts = [f'<text class="title" x="{LEFT}" y="{values.top - 9:.0f}">{escape(title)}</text>']
        for mark, name in marks:
            y = values.y(mark)
            self.parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{RIGHT}"/>'
                              f'<text class="tick end" x="{LEFT - 8}" y="{y + 4:.1f}">{name}</text>')

    def shade(self, spans, kind):
        """Whole height, as long as something lasted."""
        x, top, height = self.time.x, self.values.top, self.values.height
        outline = "".join(f"M{x(begin):.2f} {top:.1f}H{x(end):.2f}v{height:.1f}H{x(begin):.2f}z"
                          for begin, end in spans)
        if outline:
            self.parts.append(f'<path class="shade {kind}" d="{outline}"/>')

    def draw(self, points):
        if not points:
            return
        columns = self.time.columns(points, median if self.values.is_logarithmic else fmean)
        y = self.values.y
        if len(points) > 2 * COLUMNS:
            upper = " ".join(f"{x:.1f},{y(most):.1f}" for x, _, most, _ in columns)
            lower = " ".join(f"{x:.1f},{y(least):.1f}" for x, least, _, _ in reversed(columns))
            self.parts.append(f'<polygon class="envelope" points="{upper} {lower}"/>')
        line = " ".join(f"{x:.1f},{y(middle):.1f}" for x, _, _, middle in columns)
        self.parts.append(f'<polyline class="line" points="{line}"/>')

    def sticks(self, points, foot):
        """What stands out, one by one; in each column the greatest, where there are many."""
        y = self.values.y
        outline = "".join(f"M{x:.1f} {y(foot):.1f}V{y(most):.1f}" for x, _, most, _ in self.time.columns(points))
        if outline:
            self.parts.append(f'<path class="stick" d="{outline}"/>')

    def note(self, text):
        """At the right, beside the title."""
        self.parts.append(f'<text class="note end" x="{RIGHT}" y="{self.values.top - 9:.0f}">{escape(text)}</text>')

    def slope(self, line, begin, end, text):
        """A straight line that was fitted to hours."""
        y = self.values.y
        self.parts.append(f'<path class="fit" d="M{self.time.x(begin):.1f} {y(line.at(begin / 3600)):.1f}'
                          f'L{self.time.x(end):.1f} {y(line.at(end / 3600)):.1f}"/>')
        self.note(text)

    @property
    def svg(self):
        return "".join(self.parts)


def time_axis(time, y, top):
    """The times below all panels, and fine lines up through them."""
    parts = []
    for at in time_ticks(time.end):
        x = time.x(at)
        parts.append(f'<path class="grid" d="M{x:.1f} {top}V{y}"/>'
                     f'<text class="tick middle" x="{x:.1f}" y="{y + 16}">{tick_clock(at, time.end)}</text>')
    return "".join(parts)


def figure(height, content, label, kind="", width=WIDTH):
    return (f'<svg class="{kind}" viewBox="0 0 {width} {height:.0f}" role="img" aria-label="{escape(label)}">'
            f"{content}</svg>")


BINS, SIDE, TALL = 44, 524, 168


def histogram(values, limit, title, spread):
    """How often something took how long, and where the limit is, if it is near."""
    begin, end = bounds(values, limit)
    counts = [0] * BINS
    for value in values:
        counts[min(BINS - 1, int((value - begin) / (end - begin) * BINS))] += 1
    left, right, top, bottom = 40, SIDE - 12, 34, TALL - 24
    most = max(counts)

    def x(value):
        return left + (right - left) * (value - begin) / (end - begin)

    parts = [f'<text class="title" x="{left}" y="14">{escape(title)}</text>']
    for mark in ticks(0, most, 3) if most > 2 else range(most + 1):
        y = bottom - (bottom - top) * mark / most
        parts.append(f'<path class="grid" d="M{left} {y:.1f}H{right}"/>'
                     f'<text class="tick end" x="{left - 6}" y="{y + 4:.1f}">{mark:g}</text>')
    wide = (right - left) / BINS
    for number, count in enumerate(counts):
        if count:
            height = max(1.5, (bottom - top) * count / most)
            parts.append(f'<rect class="bar" x="{left + number * wide + 0.5:.1f}" y="{bottom - height:.1f}" '
                         f'width="{wide - 1:.1f}" height="{height:.1f}"/>')
    for mark in ticks(begin, end, 6):
        parts.append(f'<text class="tick middle" x="{x(mark):.1f}" y="{bottom + 16}">{mark:g} s</text>')
    if begin <= limit <= end:
        side = "end" if x(limit) > SIDE / 2 else "start"
        shift = -5 if side == "end" else 5
        parts.append(f'<path class="limit" d="M{x(limit):.1f} {top - 6}V{bottom}"/>'
                     f'<text class="note {side}" x="{x(limit) + shift:.1f}" y="{top - 1}">promised {limit:g} s</text>')
    parts.append(f'<text class="note end" x="{right}" y="14">'
                 f'p50 {spread["p50"]:.2f} s · p99 {spread["p99"]:.2f} s · max {spread["max"]:.2f} s</text>')
    return figure(TALL, "".join(parts), title, "half", SIDE)


def bounds(values, limit):
    least, most = min(values), max(values)
    # A limit that is far away would press everything into one bar.
    far = limit > most + 1.5 * max(most - least, 0.1)
    high = most if far else max(most, limit)
    room = max((high - least) * 0.06, 0.01)
    return max(0, least - room), high + room

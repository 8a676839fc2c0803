# SPDX-License-Identifier: Apache-2.0
"""Every second of a run, as bars of time below each other."""

import math
from html import escape
from statistics import median

import plots
from promises import flowing, hindered, watched
from spans import Spans

ROWS = 24
LENGTHS = [60, 300, 600, 1800, 3600, 7200, 14400, 28800, 86400, 604800]
HEIGHT, GAP, BELOW = 13, 4, 4
SLOW = 0.8


def states(run, camera):
    """What held when: frames, fewer of them, and none, excused or not."""
    flow = flowing(run, camera)
    gaps = watched(run, camera) - flow
    fewer = flow & slow(run, camera, gaps)
    excused = gaps & hindered(run, camera)
    return {"flow": flow - fewer, "slow": fewer, "excused": excused, "against": gaps - excused}


def slow(run, camera, gaps):
    """With fewer frames than usual, and not because they began or ended there."""
    windows = [(begin, end, came / (end - begin)) for begin, end, came in run.windows_of(camera) if end > begin]
    rates = [rate for _, _, rate in windows if rate]
    usual = median(rates) if rates else 0
    return Spans((begin, end) for begin, end, rate in windows
                 if 0 < rate < SLOW * usual and not gaps.touch(begin, end))


def strips(run, kinds):
    """The bars of all cameras; what struck them is a fine line below each bar."""
    length = next((one for one in LENGTHS if run.end / one <= max(1, ROWS // len(run.cameras))), LENGTHS[-1])
    parts, top = [], 4
    for camera in run.cameras:
        if len(run.cameras) > 1:
            parts.append(f'<text class="title" x="{plots.LEFT}" y="{top + 12}">{escape(camera)}</text>')
            top += 22
        layers = [(f"state {name}", spans, 0, HEIGHT) for name, spans in states(run, camera).items()]
        layers += [(f"strike {kind}", spans(camera), HEIGHT, BELOW) for kind, spans in kinds.items()]
        for begin in range(0, math.ceil(max(run.end - length / 100, 1)), length):
            parts.append(f'<text class="tick end" x="{plots.LEFT - 8}" y="{top + 11}">'
                         f"{plots.tick_clock(begin, run.end)}</text>")
            parts += [bar(spans, begin, length, top + down, height, kind) for kind, spans, down, height in layers]
            top += HEIGHT + BELOW + GAP
        top += 8
    return plots.figure(top + 16, "".join(parts) + axis(length, top - 4), "Every second of the run", "strips")


def bar(spans, begin, length, top, height, kind):
    scale = (plots.RIGHT - plots.LEFT) / length
    outline = "".join(
        f"M{plots.LEFT + (one - begin) * scale:.2f} {top}h{max((other - one) * scale, 0.6):.2f}v{height}"
        f"H{plots.LEFT + (one - begin) * scale:.2f}z" for one, other in spans & Spans([(begin, begin + length)]))
    return f'<path class="{kind}" d="{outline}"/>' if outline else ""


def axis(length, y):
    scale = (plots.RIGHT - plots.LEFT) / length
    return "".join(
        f'<text class="tick middle" x="{plots.LEFT + at * scale:.1f}" y="{y + 12}">'
        f'{"+" if at else ""}{plots.tick_clock(at, length)}</text>' for at in plots.time_ticks(length))

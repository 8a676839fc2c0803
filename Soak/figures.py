# SPDX-License-Identifier: Apache-2.0
"""Figures out of many: quantiles, and the slope of a line with how sure it is."""

import math
from dataclasses import dataclass
from statistics import fmean

# Neighbouring samples of a process resemble each other, and a fit to all of them would be far too sure of itself.
BLOCKS = 24
# Student's t for 95 % and BLOCKS - 2 degrees of freedom.
CONFIDENCE = 2.074


def quantile(values, share):
    """The least value that at least this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def distribution(values):
    values = list(values)
    if not values:
        return {"count": 0}
    return {"count": len(values), "p50": round(quantile(values, 0.5), 3), "p99": round(quantile(values, 0.99), 3),
            "max": round(max(values), 3)}


@dataclass(frozen=True)
class Slope:
    """Least squares through the means of blocks, and the 95 % interval of what it rises by."""

    rise: float
    lowest: float
    highest: float
    middle: tuple
    """The point that the line goes through."""

    def at(self, x):
        return self.middle[1] + self.rise * (x - self.middle[0])


def slope(points):
    """`None` where there are too few."""
    if len(points) < 2 * BLOCKS:
        return None
    cuts = [round(number * len(points) / BLOCKS) for number in range(BLOCKS + 1)]
    blocks = [points[begin:end] for begin, end in zip(cuts, cuts[1:])]
    xs, ys = ([fmean(point[axis] for point in block) for block in blocks] for axis in (0, 1))
    x, y = fmean(xs), fmean(ys)
    spread = sum((one - x) ** 2 for one in xs)
    rise = sum((one - x) * (other - y) for one, other in zip(xs, ys)) / spread
    rest = sum((other - y - rise * (one - x)) ** 2 for one, other in zip(xs, ys))
    doubt = CONFIDENCE * math.sqrt(rest / (BLOCKS - 2) / spread)
    return Slope(rise, rise - doubt, rise + doubt, (x, y))

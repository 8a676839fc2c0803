# SPDX-License-Identifier: Apache-2.0
"""Times as sets: what lies in one, in both, in one but not in the other, and how long that is."""

from bisect import bisect_left


class Spans:
    """Stretches of time from a beginning up to an end, in order, which neither touch nor overlap."""

    def __init__(self, pairs=()):
        self.pairs = []
        for begin, end in sorted(pair for pair in pairs if pair[0] < pair[1]):
            if self.pairs and begin <= self.pairs[-1][1]:
                self.pairs[-1] = (self.pairs[-1][0], max(end, self.pairs[-1][1]))
            else:
                self.pairs.append((begin, end))

    def __iter__(self):
        return iter(self.pairs)

    def __or__(self, other):
        return Spans([*self, *other])

    def __and__(self, other):
        """What lies in both."""
        found, i, j = [], 0, 0
        while i < len(self.pairs) and j < len(other.pairs):
            mine, theirs = self.pairs[i], other.pairs[j]
            found.append((max(mine[0], theirs[0]), min(mine[1], theirs[1])))
            if mine[1] < theirs[1]:
                i += 1
            else:
                j += 1
        return Spans(found)

    def __sub__(self, other):
        """What lies in the first and not in the second."""
        bounds = [float("-inf"), *(bound for pair in other for bound in pair), float("inf")]
        return self & Spans(zip(bounds[::2], bounds[1::2]))

    def touch(self, begin, end):
        """Whether one of them begins, ends or goes on between these two times."""
        later = bisect_left(self.pairs, begin, key=lambda pair: pair[1])
        return later < len(self.pairs) and self.pairs[later][0] <= end

    @property
    def total(self):
        return sum(end - begin for begin, end in self)

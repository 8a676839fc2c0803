# SPDX-License-Identifier: Apache-2.0
"""Whether the path was what the profile's words say, by a probe's own packets."""

from dataclasses import dataclass
from math import sqrt

import netem
from promise import Promise

TOLERANCE = 0.15
# What two hosts take for a packet besides, in ms.
OVERHEAD = 1.0
# So many standard errors are chance.
CHANCE = 3


@dataclass(frozen=True)
class Measured:
    """What a probe found, all steps of the same words together."""

    what: str
    sent: int
    received: int
    delay: float
    deviation: float
    """Delays are in ms."""

    @property
    def loss(self):
        return 1 - self.received / self.sent

    @property
    def path(self):
        return netem.understood(self.what)


def measured(probes):
    """By the words."""
    groups = {}
    for probe in probes:
        if probe.sent and is_measurable(probe.what):
            groups.setdefault(probe.what, []).append(probe)
    return {what: summed(what, group) for what, group in groups.items()}


def each_way(run):
    """The same of each direction."""
    directions = dict.fromkeys(probe.direction for probe in run.probes)
    return {direction: measured(probe for probe in run.probes if probe.direction == direction)
            for direction in directions}


def summed(what, probes):
    received = sum(probe.received for probe in probes)
    delay, square = [sum(probe.received * part(probe) for probe in probes) / max(received, 1)
                     for part in (lambda probe: probe.delay, lambda probe: probe.deviation ** 2 + probe.delay ** 2)]
    return Measured(what, sum(probe.sent for probe in probes), received, delay,
                    sqrt(max(0, square - delay ** 2)))


def is_measurable(what):
    """A rate queues and drops of its own, beyond what is promised in words."""
    try:
        return not netem.understood(what).rate
    except netem.NotUnderstood:
        return False


def promises(run):
    """For loss and for delay, if there was a probe: of both directions together, as they have the same words."""
    found = measured(run.probes).values()
    return [worst("loss inside", found, loss), worst("delay inside", found, delay)] if found else []


def worst(name, found, judge):
    figure, excess = max((judge(one) for one in found), key=lambda judged: judged[1])
    return Promise(name, "within 15 % of the profile's words", figure, excess <= 1)


def loss(one):
    """Its figure, and by how much of what is tolerated, or chance with so few packets, it differs from the words."""
    words = one.path.loss_share
    error = sqrt(words * (1 - words) * clumping(one.path) / one.sent)
    tolerated = max(TOLERANCE * words, CHANCE * error, 1 / one.sent)
    return f"{one.loss * 100:.2f} % where the words say {words * 100:.2f} %", abs(one.loss - words) / tolerated


def clumping(path):
    """By how much losses that come in bursts make the variance of their number greater than that of single ones."""
    bursts = path.bursts
    if not bursts or not bursts.share:
        return 1
    memory = 1 - bursts.worsens - bursts.recovers
    bad = bursts.worsens / (bursts.worsens + bursts.recovers)
    covariance = bad * (1 - bad) * (bursts.bad_loss - bursts.good_loss) ** 2
    return 1 + 2 * covariance * memory / (1 - memory) / (bursts.share * (1 - bursts.share))


def delay(one):
    words = one.path.delay * 1000
    error = one.path.jitter * 1000 / sqrt(max(one.received, 1))
    tolerated = max(TOLERANCE * words, OVERHEAD, CHANCE * error)
    return f"{one.delay:.1f} ms where the words say {words:g} ms", abs(one.delay - words) / tolerated

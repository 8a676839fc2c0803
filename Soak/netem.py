# SPDX-License-Identifier: Apache-2.0
"""netem's option words, as far as they are understood here: what they mean, and what loss and delay they promise.

`tc` understands more of them. A path that is not understood can be used where the kernel makes it, but not emulated.
"""

import re
from dataclasses import dataclass

TIMES = {"": 1e-6, "us": 1e-6, "usec": 1e-6, "usecs": 1e-6, "ms": 1e-3, "msec": 1e-3, "msecs": 1e-3,
         "s": 1, "sec": 1, "secs": 1}
RATES = {"": 1, "bit": 1, "kbit": 1e3, "mbit": 1e6, "gbit": 1e9, "bps": 8, "kbps": 8e3, "mbps": 8e6}
NUMBER = re.compile(r"(\d+(?:\.\d*)?|\.\d+)([a-zA-Z%]*)")


class NotUnderstood(ValueError):
    pass


@dataclass(frozen=True)
class Gilbert:
    """Loss in bursts: a chain of a good and a bad state, whose shares of loss differ."""

    worsens: float
    recovers: float
    bad_loss: float
    good_loss: float

    @property
    def share(self):
        bad = self.worsens / (self.worsens + self.recovers) if self.worsens else 0
        return bad * self.bad_loss + (1 - bad) * self.good_loss


@dataclass(frozen=True)
class Path:
    """One direction of a link. Times are in seconds, shares in 0...1, the rate in bits a second."""

    delay: float = 0
    jitter: float = 0
    is_normal: bool = False
    loss: float = 0
    bursts: Gilbert | None = None
    rate: float = 0
    limit: int = 1000

    @property
    def loss_share(self):
        return self.bursts.share if self.bursts else self.loss


def understood(text):
    """The path of these words; raises `NotUnderstood` with the word."""
    words, fields = text.split(), {}
    while words:
        match words.pop(0):
            case "delay" | "latency":
                fields["delay"] = amount(words, TIMES)
                fields["jitter"] = optional(words, TIMES)
            case "distribution" if words[:1] and words[0] in ("uniform", "normal"):
                fields["is_normal"] = words.pop(0) == "normal"
            case "loss" | "drop":
                fields |= loss(words)
            case "rate":
                fields["rate"] = amount(words, RATES)
            case "limit":
                fields["limit"] = int(amount(words, {"": 1}))
            case word:
                raise NotUnderstood(word)
    return Path(**fields)


def loss(words):
    if words[:1] == ["random"]:
        words.pop(0)
    if words[:1] != ["gemodel"]:
        return {"loss": share(words)}
    words.pop(0)
    worsens = share(words)
    # What may be left out is what netem takes for it.
    recovers, bad_loss, good_loss = [optional(words, {"%": 0.01}, other) for other in (1 - worsens, 1, 0)]
    return {"bursts": Gilbert(worsens, recovers, bad_loss, good_loss)}


def share(words):
    return amount(words, {"%": 0.01})


def amount(words, units):
    match = NUMBER.fullmatch(words[0]) if words else None
    if not match or match[2].lower() not in units:
        raise NotUnderstood(words[0] if words else "an end where a number was due")
    words.pop(0)
    return float(match[1]) * units[match[2].lower()]


def optional(words, units, other=0):
    return amount(words, units) if words and NUMBER.fullmatch(words[0]) else other

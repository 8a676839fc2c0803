# SPDX-License-Identifier: Apache-2.0
"""What a receiver promises, and whether it kept it. Only values go in and come out."""

from functools import cached_property
from statistics import median

import paths
import story
from figures import slope
from promise import Promise
from spans import Spans

GRACE = 2.0
"""Seconds without frames that break no share: in a run of half a minute a single one would be 3 %."""
RECOVERY_LIMIT = 180.0
"""Where the profile has none of its own: a wait of 30 s, the longest retry delay of 120 s and its jitter, and what it
takes to connect."""
LEAK_LIMIT = 1.0
"""MiB an hour."""
LEAK_TIME = 2 * 3600
"""In shorter runs a process is still growing into its work, and nothing can be said about months."""
FLAT = 3
"""Descriptors or threads more that are no leak."""
FEWEST = 8
"""Samples that a level is made of."""
LAST_FRAME = 0.2
"""So long ago it may be when something strikes."""


class Verdict:
    """The figures of a run, and the promises that they keep or break."""

    def __init__(self, run):
        self.run = run

    @cached_property
    def episodes(self):
        """Of all cameras, in order."""
        return sorted((episode for mine in self.by_camera.values() for episode in mine), key=lambda one: one.begin)

    @cached_property
    def by_camera(self):
        return {camera: story.episodes(self.run, camera) for camera in self.run.cameras}

    @cached_property
    def zombies(self):
        fates = [story.zombies(self.run, camera, mine) for camera, mine in self.by_camera.items()]
        return story.Zombies(
            sum(one.found for one in fates), sum(one.overtaken for one in fates), sum(one.undecided for one in fates),
            sorted(at for one in fates for at in one.missed))

    @cached_property
    def detections(self):
        return [episode.detection for episode in self.episodes if episode.detection is not None]

    @cached_property
    def by_phone(self):
        """From the phone's last frame, by its own log, where nothing else befell it: what the path took is in there."""
        return [episode.begin - episode.zombie for episode in self.episodes
                if episode.detection is not None and episode.causes == ["zombie"]]

    @cached_property
    def recoveries(self):
        return [episode.recovery for episode in self.episodes if episode.recovery is not None]

    @cached_property
    def requests(self):
        return [at for episode in self.episodes for at in episode.requests]

    @cached_property
    def false_requests(self):
        return sorted(at for camera in self.run.cameras for at in story.false_requests(self.run, camera))

    @cached_property
    def unnoticed(self):
        return [silence for camera, mine in self.by_camera.items()
                for silence in story.unnoticed(self.run, camera, mine)]

    @cached_property
    def allowed(self):
        """The seconds of each camera in which frames were due, and those of them in which they came."""
        return {camera: allowed(self.run, camera) for camera in self.run.cameras}

    @property
    def shares(self):
        """Each camera's availability."""
        return {camera: came / due if due else None for camera, (due, came) in self.allowed.items()}

    @cached_property
    def settled(self):
        """The samples after the warm-up, which is a tenth of the run and a minute at least."""
        return [sample for sample in self.run.samples if sample.at >= max(60, self.run.end / 10)]

    @cached_property
    def memory(self):
        return slope([(sample.at / 3600, sample.memory) for sample in self.settled])

    @cached_property
    def promises(self):
        return [*self.of_the_run, self.availability, self.detection, self.recovery, self.false_reconnects,
                self.leak, self.flat("descriptors"), self.flat("threads"), self.silence,
                *paths.promises(self.run)]

    @property
    def broken(self):
        return [promise for promise in self.promises if promise.is_kept is False]

    @property
    def line(self):
        """The verdict in a line."""
        if self.broken:
            return "BROKEN: " + "; ".join(f"{one.name}: {one.figure}, promised {one.promised}" for one in self.broken)
        kept = sum(promise.is_kept is True for promise in self.promises)
        return f"KEPT: all {kept} promises that could be judged"

    # What is promised, one by one.

    @property
    def of_the_run(self):
        if self.run.failure:
            return [Promise("run", "to the end", self.run.failure, False)]
        if not self.run.samples:
            return [Promise("run", "samples", "none", False)]
        return []

    @property
    def availability(self):
        limit = self.run.limits.get("availability")
        known = [share for share in self.shares.values() if share is not None]
        figure = f"{min(known) * 100:.2f} %" if known else "no time was allowed"
        if len(known) > 1:
            figure += " of the worst camera"
        if limit is None or not known:
            return Promise("availability", "nothing", figure, None, "the profile has no promise" if known else figure)
        is_kept = all(due - came <= max(GRACE, due * (1 - limit / 100)) for due, came in self.allowed.values())
        return Promise("availability", f"at least {limit:g} %", figure, is_kept)

    @property
    def detection(self):
        promised = f"at most {story.DETECTION_LIMIT} s"
        worst = max(self.detections, default=0)
        at, end = max(self.unnoticed, key=lambda silence: silence[1] - silence[0], default=(0, 0))
        if end - at > worst:
            return Promise("detection", promised, f"{end - at:.1f} s without a frame or a word, from {at:.0f} s on",
                           False)
        if self.zombies.missed:
            return Promise("detection", promised, f"{len(self.zombies.missed)} zombies not found, "
                           f"the first at {self.zombies.missed[0]:.0f} s", False)
        if not self.detections:
            return Promise("detection", promised, "nothing to detect", None, "no stream died")
        phone = f" ({max(self.by_phone):.3f} s by the phone's log)" if self.by_phone else ""
        return Promise("detection", promised, f"{worst:.3f} s at worst of {len(self.detections)}{phone}",
                       round(worst, 3) <= story.DETECTION_LIMIT)

    @property
    def recovery(self):
        limit = self.run.limits.get("recovery", RECOVERY_LIMIT)
        promised = f"at most {limit:g} s"
        overdue = [episode.waited for episode in self.episodes if episode.end is None and episode.waited > limit]
        if overdue:
            return Promise("recovery", promised, f"not healed after {max(overdue):.0f} s", False)
        if not self.recoveries:
            return Promise("recovery", promised, "nothing to recover", None, "no stream was recovered")
        worst = max(self.recoveries)
        return Promise("recovery", promised, f"{worst:.1f} s at worst of {len(self.recoveries)}", worst <= limit)

    @property
    def false_reconnects(self):
        count = len(self.false_requests)
        figure = f"{count} of {len(self.requests)} requests"
        if count:
            figure += f", the first at {self.false_requests[0]:.0f} s"
        return Promise("false reconnects", "none", figure, count == 0)

    @property
    def leak(self):
        promised = f"surely below {LEAK_LIMIT:g} MiB an hour"
        rise = self.memory
        if not rise:
            return Promise("memory", promised, "too few samples", None, "too few samples after the warm-up")
        figure = f"{rise.rise:+.2f} MiB an hour (95 %: {rise.lowest:+.2f} to {rise.highest:+.2f})"
        if self.run.end < LEAK_TIME:
            return Promise("memory", promised, figure, None, f"only runs of {LEAK_TIME / 3600:g} hours or more tell")
        return Promise("memory", promised, figure, rise.highest < LEAK_LIMIT)

    def flat(self, what):
        """Compares medians while frames flow: a teardown under way has both an old and a new connection."""
        promised = f"flat (at most {FLAT} more)"
        levels = self.levels(what)
        if not levels:
            return Promise(what, promised, "too few samples", None, "too few samples with frames after the warm-up")
        begin, end = levels
        return Promise(what, promised, f"{begin:g} in the first quarter, {end:g} in the last", end - begin <= FLAT)

    def levels(self, what):
        flowing = [getattr(sample, what) for sample in self.settled if sample.at in self.streaming]
        quarter = len(flowing) // 4
        return (median(flowing[:quarter]), median(flowing[-quarter:])) if quarter >= FEWEST else None

    @cached_property
    def streaming(self):
        """The times of samples before which every camera had frames."""
        ends = [{end for _, end, came in self.run.windows_of(camera) if came} for camera in self.run.cameras]
        return set.intersection(*ends)

    @property
    def silence(self):
        """Nothing is on stderr, or in a log, that is no event."""
        strays = self.run.strays
        figure = f"{len(strays)} lines, the first: {strays[0][:120]}" if strays else "none"
        return Promise("stray output", "none", figure, not strays)


def hindered(run, camera):
    """When frames could not flow, or the receiver still had time to find out that they did not.

    These are not counted for availability, whatever flowed meanwhile:

    - from the last frame before a blackout, a time without an address, or a phone that stands still, was killed or
      became a zombie, until that is over, and for 10.1 s at least: so long may detection take;
    - where frames did not flow, the time in which the relay was down: that stops no stream, but no recovery gets
      past it.

    All other time is allowed: what a recovery takes once it is possible counts against the receiver, its waits and
    retries too, and so does what loss, delay and a narrow path cost. Each profile promises a share that leaves room
    for that.
    """
    strikes = [(strike.begin - LAST_FRAME, max(strike.end, strike.begin + story.DETECTION_LIMIT))
               for strike in run.strikes if strike.what != "relay-down"]
    zombies = [(at - LAST_FRAME, at + story.DETECTION_LIMIT) for at in run.zombies_of(camera)]
    whole = Spans([(0, run.end)])
    return whole & (Spans(strikes + zombies) | (run.struck("relay-down") - flowing(run, camera)))


def flowing(run, camera):
    """The time with frames: between samples that the counter rose between, less the silences that the log tells of."""
    silences = [(event.at - event.silence_seconds, event.at)
                for event in run.events_of(camera) if event.name == "recovered" and event.silence_seconds]
    return Spans((begin, end) for begin, end, came in run.windows_of(camera) if came) - Spans(silences)


def watched(run, camera):
    return Spans((begin, end) for begin, end, _ in run.windows_of(camera))


def allowed(run, camera):
    """How much time frames were due, and how much of it they flowed."""
    due = watched(run, camera) - hindered(run, camera)
    return due.total, (flowing(run, camera) & due).total

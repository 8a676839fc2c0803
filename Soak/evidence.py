# SPDX-License-Identifier: Apache-2.0
"""What a soak left in its directory, as values. It may still be running: then there is less of everything."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import profiles
from spans import Spans

STRIKES = profiles.EVENTS


class NoSoak(Exception):
    """This directory is not one of a soak; why, for people."""


@dataclass(frozen=True)
class Event:
    """A line of a log."""

    at: float
    name: str
    camera: str
    fields: dict

    def __getattr__(self, name):
        return self.fields.get(name)


@dataclass(frozen=True)
class Sample:
    at: float
    memory: float
    """In MiB; resident."""
    descriptors: int
    threads: int
    cpu: float
    """Seconds used so far."""
    frames: dict


@dataclass(frozen=True)
class Condition:
    """Something that network, relay or phone did, for so long."""

    begin: float
    end: float
    what: str

    @property
    def is_strike(self):
        """Rather than the words of a path."""
        return self.what in STRIKES


@dataclass(frozen=True)
class Probe:
    at: float
    direction: str
    what: str
    sent: int
    received: int
    delay: float
    deviation: float


@dataclass
class Run:
    """All that is known about a soak; times are seconds since its beginning."""

    about: dict
    end: float = 0
    """When it ended, or how far it came."""
    samples: list = field(default_factory=list)
    events: list = field(default_factory=list)
    """The receiver's."""
    phones: dict = field(default_factory=dict)
    """Each camera's own events."""
    conditions: list = field(default_factory=list)
    probes: list = field(default_factory=list)
    strays: list = field(default_factory=list)
    """Lines on stderr, and in logs, that are no events."""

    @property
    def cameras(self):
        return self.about["cameras"]

    @property
    def limits(self):
        return self.about.get("limits") or {}

    @property
    def failure(self):
        """What broke the run itself."""
        return self.about.get("failure")

    @property
    def is_over(self):
        return bool("ended" in self.about or self.failure)

    @property
    def planned(self):
        """How long it is to be."""
        return self.about["minutes"] * 60

    @property
    def strikes(self):
        return [condition for condition in self.conditions if condition.is_strike]

    @property
    def paths(self):
        return [condition for condition in self.conditions if not condition.is_strike]

    def events_of(self, camera):
        return self.by_camera.get(camera, [])

    @cached_property
    def by_camera(self):
        found = {}
        for event in self.events:
            found.setdefault(event.camera, []).append(event)
        return found

    def zombies_of(self, camera):
        """When the phone stopped its frames and kept the connection."""
        return [event.at for event in self.phones.get(camera, []) if event.name == "phone_zombie"]

    def windows_of(self, camera):
        """Between two samples each: begin, end, frames that came."""
        for one, other in pairwise(self.samples):
            came = other.frames.get(camera, 0) - one.frames.get(camera, 0)
            # A receiver that was started anew counts from nought.
            yield one.at, other.at, came if came >= 0 else other.frames.get(camera, 0)

    def struck(self, *whats):
        """When one of these held."""
        return Spans((strike.begin, strike.end) for strike in self.strikes if strike.what in whats)


def read(directory):
    directory = Path(directory)
    try:
        about = json.loads((directory / "run.json").read_text())
        about["profile"], about["cameras"], about["minutes"]
        began = datetime.fromisoformat(about["began"]) if "began" in about else None
    except FileNotFoundError:
        raise NoSoak(f"{directory} is not a soak: it has no run.json") from None
    except (OSError, ValueError, KeyError, TypeError) as mistake:
        raise NoSoak(f"{directory} is not a soak: run.json is not one's ({mistake!r})") from None
    run = Run(about)
    run.samples = [sample(row) for row in rows(directory / "samples.jsonl", run.strays)]
    run.end = about.get("ended") or max((sample.at for sample in run.samples), default=0)
    run.events = log(directory / "receiver.jsonl", began, run.strays)
    run.phones = {name: log(directory / f"camera-{name}.jsonl", began, run.strays) for name in run.cameras}
    run.conditions = conditions(run, list(rows(directory / "actions.jsonl", run.strays)))
    run.probes = [probe(row) for row in rows(directory / "probe.jsonl", run.strays)]
    run.strays += [f"stderr: {line}" for line in lines(directory / "stderr.txt") if not is_event(line)]
    return run


def lines(path):
    """The whole lines of a file that may be written to right now, or not be there."""
    if not path.exists():
        return []
    text = path.read_text(errors="replace")
    return [line for line in text[:text.rfind("\n") + 1].splitlines() if line.strip()]


def rows(path, strays):
    for line in lines(path):
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if isinstance(row, dict):
            yield row
        else:
            strays.append(f"{path.name}: {line}")


def log(path, began, strays):
    """A log's events. Whose have no time, as those of the cameras for tests, cannot be placed."""
    events = []
    for row in rows(path, strays) if began else []:
        if "time" in row and "event" in row:
            at = (datetime.fromisoformat(row.pop("time")) - began).total_seconds()
            events.append(Event(round(at, 3), row.pop("event"), row.pop("camera", None), row))
    return events


def is_event(line):
    try:
        return "event" in json.loads(line)
    except (ValueError, TypeError):
        return False


def sample(row):
    return Sample(row["at"], row["rss_kib"] / 1024, row["descriptors"], row["threads"], row["cpu_seconds"],
                  row.get("frames") or {})


def probe(row):
    return Probe(row["at"], row["direction"], row["what"], row["sent"], row["received"],
                 row.get("delay_ms") or 0, row.get("deviation_ms") or 0)


def conditions(run, actions):
    """What was done, as far as that was noted, and else what was drawn."""
    if not actions:
        drawn = [profiles.Moment(**moment) for moment in run.about.get("moments", [])]
        return [Condition(moment.at, min(moment.at + moment.seconds, run.end), moment.what)
                for moment in drawn if moment.at < run.end]
    found, open_strikes, path = [], {}, None
    for action in sorted(actions, key=lambda action: action["at"]):
        at, what = action["at"], action["what"]
        if action.get("over"):
            if what in open_strikes:
                found.append(Condition(open_strikes.pop(what), at, what))
        elif what in STRIKES:
            open_strikes.setdefault(what, at)
        elif not path or path[1] != what:
            found += [Condition(path[0], at, path[1])] if path else []
            path = (at, what)
    found += [Condition(path[0], run.end, path[1])] if path else []
    found += [Condition(begin, run.end, what) for what, begin in open_strikes.items()]
    return sorted(found, key=lambda condition: condition.begin)

# SPDX-License-Identifier: Apache-2.0
"""What a soak left in its directory, as values. It may still be running: then there is less of everything."""

import json
from dataclasses import dataclass, field
from datetime import datetime
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
    events: dict = field(default_factory=dict)
    """The receiver's, by camera."""
    phones: dict = field(default_factory=dict)
    """Each camera's own events."""
    actions: list = field(default_factory=list)
    """What was done, as it was noted."""
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
        """The wall's seconds are noted last, also of a run that was stopped."""
        return any(fact in self.about for fact in ("ended", "failure", "wall_seconds"))

    @property
    def is_whole(self):
        return self.end >= 0.999 * self.planned

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
        return self.events.get(camera, [])

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


def read(path):
    """All that is there so far."""
    directory = Directory(path)
    run = Run(directory.about)
    take(directory, run)
    return run


class Directory:
    """A soak's, out of which each line is read once."""

    def __init__(self, path):
        self.path = Path(path)
        self.offsets = {}

    @property
    def about(self):
        try:
            about = json.loads((self.path / "run.json").read_text())
            about["profile"], about["cameras"], about["minutes"]
            return about
        except (FileNotFoundError, NotADirectoryError):
            raise NoSoak(f"{self.path} is not a soak: it has no run.json") from None
        except (OSError, ValueError, KeyError, TypeError) as mistake:
            raise NoSoak(f"{self.path} is not a soak: run.json is not one's ({mistake!r})") from None

    def lines(self, name):
        """The whole lines that were written since the last time."""
        path = self.path / name
        if not path.exists():
            return []
        with path.open("rb") as file:
            file.seek(self.offsets.get(name, 0))
            whole = file.read()
        whole = whole[:whole.rfind(b"\n") + 1]
        self.offsets[name] = self.offsets.get(name, 0) + len(whole)
        return [line for line in whole.decode(errors="replace").split("\n") if line.strip()]

    def rows(self, name, strays):
        for line in self.lines(name):
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if isinstance(row, dict):
                yield row
            else:
                strays.append(f"{name}: {line}")

    def log(self, name, began, strays):
        """A log's events. Those without a time, as of the cameras for tests, cannot be placed."""
        for row in self.rows(name, strays) if began else []:
            if "time" in row and "event" in row:
                at = (datetime.fromisoformat(row.pop("time")) - began).total_seconds()
                yield Event(round(at, 3), row.pop("event"), row.pop("camera", None), row)


def take(directory, run):
    """Adds what was written since the last time."""
    run.about = directory.about
    began = datetime.fromisoformat(run.about["began"]) if "began" in run.about else None
    run.samples += [sample(row) for row in directory.rows("samples.jsonl", run.strays)]
    run.end = run.about.get("ended") or max((sample.at for sample in run.samples[-1:]), default=0)
    for event in directory.log("receiver.jsonl", began, run.strays):
        run.events.setdefault(event.camera, []).append(event)
    for name in run.cameras:
        run.phones.setdefault(name, []).extend(directory.log(f"camera-{name}.jsonl", began, run.strays))
    run.actions += directory.rows("actions.jsonl", run.strays)
    run.conditions = conditions(run)
    run.probes += [probe(row) for row in directory.rows("probe.jsonl", run.strays)]
    run.strays += [f"stderr: {line}" for line in directory.lines("stderr.txt") if not is_event(line)]


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


def conditions(run):
    """What was done, as far as that was noted, and else what was drawn."""
    if not run.actions:
        drawn = [profiles.Moment(**moment) for moment in run.about.get("moments", [])]
        return [Condition(moment.at, min(moment.at + moment.seconds, run.end), moment.what)
                for moment in drawn if moment.at < run.end]
    found, open_strikes, path = [], {}, None
    for action in sorted(run.actions, key=lambda action: action["at"]):
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

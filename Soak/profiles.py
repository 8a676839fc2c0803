# SPDX-License-Identifier: Apache-2.0
"""Reads profiles, and draws by a seed what network and phone do, and when."""

import random
import re
import shlex
from dataclasses import dataclass, field, replace
from pathlib import Path

TABLE = Path(__file__).with_name("profiles.txt")
EVENTS = ("blackout", "new-address", "frozen", "killed", "relay-down")
SECONDS = re.compile(r"(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?")
PROMISES = {"availability": "%", "recovery": "s"}


class Mistake(Exception):
    """What is wrong in a profile, and where."""


@dataclass(frozen=True)
class Step:
    shortest: float
    longest: float
    what: str


@dataclass
class Profile:
    name: str
    steps: list[Step] = field(default_factory=list)
    phone: list[str] = field(default_factory=list)
    limits: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Moment:
    """A step that was drawn: what holds from `at` on for so many seconds."""

    at: float
    seconds: float
    what: str

    @property
    def end(self):
        """In tenths, as everything is: what is left over of a second would be played for ever."""
        return round(self.at + self.seconds, 1)

    @property
    def is_path(self):
        """Rather than something that happens while the path stays as it is."""
        return self.what not in EVENTS


def read(path=TABLE):
    """The profiles of a file, by name; a file of one profile may leave out its name."""
    profiles, current = {}, None
    try:
        text = path.read_text()
    except (OSError, ValueError) as trouble:
        raise Mistake(f"profile {str(path)!r} cannot be read: {trouble}") from None
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("#", 1)[0].strip()
        if not line:
            continue
        try:
            if line.startswith("["):
                current = Profile(line.strip("[]"))
                profiles[current.name] = current
                continue
            if current is None:
                current = profiles.setdefault(path.stem, Profile(path.stem))
            take(line, current)
        except ValueError as mistake:
            raise Mistake(f"{path}:{number}: {mistake}") from None
    for profile in profiles.values():
        if not profile.steps:
            raise Mistake(f"{path}: [{profile.name}] has no step, which is a line such as: 60 delay 20ms")
    return profiles


def take(line, profile):
    first, rest = (line.split(maxsplit=1) + [""])[:2]
    if first == "phone":
        profile.phone += shlex.split(rest)
    elif first == "promise":
        profile.limits |= promise(rest.split())
    elif seconds := SECONDS.fullmatch(first):
        shortest, longest = float(seconds[1]), float(seconds[2] or seconds[1])
        if not 0 < shortest <= longest:
            raise ValueError(f"seconds {first!r} go from a number above 0 to one that is no smaller")
        if not rest:
            raise ValueError(f"seconds, and then what? netem's words, {', '.join(EVENTS)}, or any A, B")
        profile.steps.append(Step(shortest, longest, " ".join(rest.split())))
    else:
        raise ValueError(f"{first!r} is neither seconds (60 or 20-40) nor phone nor promise nor a [NAME]")


def promise(words):
    match words:
        case [what, number, unit] if PROMISES.get(what) == unit and re.fullmatch(r"\d+(\.\d+)?", number):
            return {what: float(number)}
    raise ValueError("a promise is one of: " + ", ".join(f"{what} N {unit}" for what, unit in PROMISES.items()))


def drawn(profile, others, seed, minutes):
    """The moments of a run; `others` are the profiles that `any` may name."""
    dice, end = random.Random(f"{profile.name} {seed}"), minutes * 60
    moments, now = [], 0.0
    while now < end:
        for moment in round_of(profile, others, dice, now, end):
            now = moment.end
            if moments and moments[-1].what == moment.what and moment.is_path:
                moments[-1] = replace(moments[-1], seconds=round(now - moments[-1].at, 1))
            else:
                moments.append(moment)
    return moments


def round_of(profile, others, dice, now, end):
    for step in profile.steps:
        until = min(round(now + dice.uniform(step.shortest, step.longest), 1), end)
        if step.what.startswith("any "):
            other = others[dice.choice(names(step.what))]
            while now < until:
                for moment in round_of(other, others, dice, now, until):
                    yield moment
                    now = moment.end
        elif now < until:
            yield Moment(now, round(until - now, 1), step.what)
            now = until


def names(what):
    return re.split(r",\s*", what.removeprefix("any "))


def find(name):
    """The profile of this name or file, and all those that it may name."""
    table = read()
    if name in table:
        return check(table[name], table), table
    path = Path(name)
    if not path.is_file():
        raise Mistake(f"profile {name!r} is neither a file nor one of {', '.join(table)}")
    own = read(path)
    profile = next(iter(own.values()), None)
    if not profile:
        raise Mistake(f"{path}: there is no step, which is a line such as: 60 delay 20ms")
    return check(profile, table | own), table | own


def check(profile, others, callers=()):
    """Every `any` leads to a profile, and none to itself."""
    for step in profile.steps:
        for name in names(step.what) if step.what.startswith("any ") else []:
            if name not in others:
                raise Mistake(f"[{profile.name}]: any {name!r} is none of {', '.join(others)}")
            if name in (*callers, profile.name):
                raise Mistake(f"[{profile.name}]: any {name!r} leads back to itself")
            if others[name].phone:
                raise Mistake(f"[{profile.name}]: any {name!r} has phone flags, which hold for a whole run")
            check(others[name], others, (*callers, profile.name))
    return profile

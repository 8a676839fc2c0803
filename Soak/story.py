# SPDX-License-Identifier: Apache-2.0
"""Reads out of the logs what befell each stream, and holds the receiver's word against the samples and the phone's log.

An episode begins when the receiver declares a stream dead or first asks for a fresh one, and ends with frames.
"""

from bisect import bisect_right
from dataclasses import dataclass, field

from spans import Spans

STALL = 10.0
"""The silence that is death."""
DETECTION_LIMIT = 10.1
NEGOTIATION_LIMIT = 30.0
SLACK = 0.5
"""A sample's time is that of the question, not of the answer."""
CONNECTED = ("connected", "completed")
TOLD = ("failure", "gone", "missed_offer")
"""What is known of a stream's end without waiting for its silence."""


@dataclass
class Episode:
    camera: str
    begin: float
    trouble: str
    """Why a fresh connection was wanted: silence, failure, gone, negotiation, missed_offer, refused_offer."""
    ice: str
    """What ICE said of the connection when it began."""
    detection: float | None = None
    """From the last frame until the stream was declared dead."""
    detail: str = ""
    requests: list = field(default_factory=list)
    failures: int = 0
    offer: float | None = None
    """When the offer came that frames followed."""
    end: float | None = None
    zombie: float | None = None
    """When the phone became one, by its own log."""
    causes: list = field(default_factory=list)
    """What network and phone did, from the last frame on."""
    chance: Spans = Spans()
    """When a recovery was due, and network, relay and phone let it happen."""

    @property
    def last_frame(self):
        return self.begin - (self.detection or 0)

    @property
    def waited(self):
        """How much of the time a recovery was possible."""
        return self.chance.total

    @property
    def recovery(self):
        """How long it took, once it was possible; `None` until there is one."""
        return self.waited if self.end is not None else None

    @property
    def diagnosis(self):
        match self.trouble:
            case "silence" if self.ice in CONNECTED: return f"ICE {self.ice}, no frames"
            case "silence": return f"ICE {self.ice or 'unknown'}, no frames"
            case "negotiation": return "the offer led to no connection"
            case "gone": return "the phone closed the connection"
            case "refused_offer": return "the phone's offer was refused"
            case "missed_offer": return "the phone's offer went by unseen"
            case "failure": return f"connection failed: {self.detail}" if self.detail else "connection failed"
        return self.trouble

    @property
    def remedy(self):
        if self.end is None:
            return "not healed yet"
        if self.offer is None:
            return "frames came back by themselves"
        asked = max([at for at in self.requests if at <= self.offer], default=self.begin)
        since = next((max(begin, asked) for begin, end in self.chance if end > asked), asked)
        wait = f"possible {since - asked:.1f} s later; " if since > asked else ""
        return f"{wait}offer after {self.offer - since:.2f} s, frames after {self.end - self.offer:.2f} s"


def episodes(run, camera):
    """Those of one camera, in order."""
    found = list(told(run.events_of(camera), camera))
    zombies, strikes = run.zombies_of(camera), run.strikes
    for episode in found:
        attribute(episode, zombies, strikes, run.end)
    return found


def told(events, camera):
    """As the receiver's log tells them."""
    current, ice, detail = None, "", ""
    for event in events:
        match event.name:
            case "ice_state":
                ice = event.state
            case "connection_failed":
                detail = event.detail or ""
            case "dead" | "reconnect_requested" | "nobody_to_ask" | "retry_scheduled" if not current:
                trouble = "silence" if event.name == "dead" else event.reason or "failure"
                current = Episode(camera, event.at, trouble, ice, event.silence_seconds, detail)
            case "offer_received" if current:
                current.offer = event.at
            case "reconnect_failed" if current:
                current.failures += 1
            case "recovered" if current:
                current.end = event.at
                yield current
                current, detail = None, ""
        if event.name == "reconnect_requested":
            current.requests.append(event.at)
    if current:
        yield current


def attribute(episode, zombies, strikes, end):
    """Says what the episode came from, and when the way back was open."""
    until = end if episode.end is None else episode.end
    episode.zombie = max((at for at in zombies if episode.last_frame - 1 <= at <= until), default=None)
    strikes = [strike for strike in strikes if strike.begin < until and strike.end > episode.last_frame - 1]
    episode.causes = ["zombie"] * (episode.zombie is not None) + list(dict.fromkeys(strike.what for strike in strikes))
    episode.chance = Spans([(episode.begin, until)]) - Spans((strike.begin, strike.end) for strike in strikes)


def unnoticed(run, camera, episodes):
    """Silences that were longer than the promise, by the samples, without a word from the receiver."""
    events = run.events_of(camera)
    known = [(episode.begin, run.end if episode.end is None else episode.end) for episode in episodes]
    offer = None
    for event in events:
        if event.name == "offer_received":
            offer = event.at
        elif offer is not None and event.name == "ice_state" and event.state in CONNECTED:
            known.append((offer, min(event.at, offer + NEGOTIATION_LIMIT)))
            offer = None
    if offer is not None:
        known.append((offer, offer + NEGOTIATION_LIMIT))
    known += pauses(events, run.end)
    silences = Spans((begin, end) for begin, end, came in run.windows_of(camera) if came == 0)
    return [(begin, end) for begin, end in silences - Spans(known) if end - begin > DETECTION_LIMIT + SLACK]


def pauses(events, end):
    since, found = None, []
    for event in events:
        if event.name in ("paused", "pictures_only", "waiting"):
            since = event.at
        elif since is not None and event.name in ("resumed", "watching_again", "offer_received", "recovered"):
            found.append((since, event.at))
            since = None
    return found + ([(since, end)] if since is not None else [])


def false_requests(run, camera):
    """When a fresh connection was asked for although frames had come within what is no death yet."""
    flows = [(begin, end) for begin, end, came in run.windows_of(camera) if came > 0]
    found = []
    for event in run.events_of(camera):
        if event.name == "reconnect_requested" and event.reason not in TOLD:
            latest = bisect_right(flows, event.at, key=lambda flow: flow[1]) - 1
            if latest >= 0 and flows[latest][0] >= event.at - STALL + 0.1:
                found.append(event.at)
    return found


@dataclass
class Zombies:
    """What became of the phone's zombies."""

    found: int = 0
    """The receiver declared them dead, or knew the stream for lost already."""
    overtaken: int = 0
    """The phone offered anew for a reason of its own before they could be found."""
    undecided: int = 0
    """The run ended first."""
    missed: list = field(default_factory=list)

    @property
    def all(self):
        return self.found + self.overtaken + self.undecided + len(self.missed)


def zombies(run, camera, episodes):
    offers = [event.at for event in run.phones.get(camera, []) if event.name == "phone_offer_sent"]
    fates = Zombies()
    for at in run.zombies_of(camera):
        later = bisect_right(offers, at)
        relief = offers[later] if later < len(offers) else run.end
        latest = bisect_right(episodes, relief, key=lambda episode: episode.begin) - 1
        if latest >= 0 and (episodes[latest].end is None or episodes[latest].end > at):
            fates.found += 1
        elif relief - at <= DETECTION_LIMIT + SLACK:
            if relief == run.end:
                fates.undecided += 1
            else:
                fates.overtaken += 1
        else:
            fates.missed.append(at)
    return fates

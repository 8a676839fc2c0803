# SPDX-License-Identifier: Apache-2.0
"""Directories as a soak leaves them, written by hand."""

import json
from datetime import UTC, datetime, timedelta

BEGAN = datetime(2026, 11, 21, 16, tzinfo=UTC)
FPS = 10


class Soak:
    """Ten minutes of one camera, with frames but where they are said to be silent."""

    def __init__(self, minutes=10, every=1.0, **limits):
        self.about = {
            "profile": "written", "seed": 1, "minutes": minutes, "backend": "tap", "cameras": ["default"],
            "began": stamp(0), "limits": limits, "ended": minutes * 60.0}
        self.end, self.every = minutes * 60, every
        self.silences, self.events, self.phone, self.actions, self.probes = [], [], [], [], []
        self.errors = ""
        self.memory = lambda at: 40.0
        self.descriptors = self.threads = lambda at: 25

    def silent(self, begin, end):
        self.silences.append((begin, end))
        return self

    def says(self, at, event, **fields):
        self.events.append((at, event, fields))
        return self

    def zombie(self, at, detected=10.0, healed=1.0):
        """One that is found and healed, after so long each; `None` is never."""
        self.phone.append((at, "phone_zombie", {}))
        if detected is None:
            return self.silent(at, self.end)
        self.says(at + detected, "dead", silence_seconds=detected)
        self.says(at + detected, "reconnect_requested", reason="silence")
        if healed is None:
            return self.silent(at, self.end)
        self.phone.append((at + detected + 0.1, "phone_offer_sent", {}))
        self.says(at + detected + 0.2, "offer_received")
        self.says(at + detected + healed, "recovered", silence_seconds=detected + healed)
        return self.silent(at, at + detected + healed)

    def struck(self, what, begin, end):
        self.actions += [{"at": begin, "what": what}, {"at": end, "what": what, "over": True}]
        return self

    def probed(self, what, received, delay):
        self.probes.append({"at": 0.0, "direction": "to-camera", "what": what, "sent": 100_000,
                            "received": received, "delay_ms": delay, "deviation_ms": 1.0})
        return self

    def write(self, directory):
        files = {"run.json": json.dumps(self.about), "samples.jsonl": rows(self.samples()),
                 "receiver.jsonl": log(self.events), "camera-default.jsonl": log(self.phone),
                 "actions.jsonl": rows(self.actions), "probe.jsonl": rows(self.probes), "stderr.txt": self.errors}
        for name, text in files.items():
            (directory / name).write_text(text)

    def samples(self):
        frames, at = 0.0, 0.0
        while at <= self.end:
            yield {"at": at, "rss_kib": self.memory(at) * 1024, "descriptors": self.descriptors(at),
                   "threads": self.threads(at), "cpu_seconds": at / 50, "frames": {"default": int(frames)}}
            frames += FPS * (self.every - sum(max(0, min(end, at + self.every) - max(begin, at))
                                              for begin, end in self.silences))
            at += self.every


def stamp(at):
    return (BEGAN + timedelta(seconds=at)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def rows(objects):
    return "".join(json.dumps(one) + "\n" for one in objects)


def log(events):
    return rows({"time": stamp(at), "level": "info", "event": name, "camera": "default", **fields}
                for at, name, fields in sorted(events, key=lambda event: event[0]))

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The run itself: two hosts, what runs on them, and what befalls them. Soak/run.py DIR, with run.json in it."""

import signal
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import sampler
from hosts import Hosts, NetemLink
from probe import Probe
from profiles import Moment
from programs import Cast, Failure
from record import Record, now
from sampler import Sampler
from tap import TapLink

START_LIMIT = 120


class Stage:
    def __init__(self, record, cast, hosts, probe):
        self.record, self.cast, self.hosts, self.probe = record, cast, hosts, probe
        self.path = "delay 0ms"

    def open(self):
        """The run begins with the first frames: what takes long to start is not what is tested."""
        cast, cameras = self.cast, self.cast.facts["cameras"]
        if cast.relay:
            cast.relay.start()
            self.wait_until("the relay does not answer", lambda: sampler.status(cast.status))
        cast.receiver.start()
        # A camera's first offer goes to whoever is there.
        self.wait_until("the receiver does not come", lambda: sampler.status(cast.status)["viewers"] >= len(cameras))
        for camera in cast.cameras:
            camera.start()
        self.wait_until("no frame came", lambda: all(sampler.counted(cast.scrape).get(name) for name in cameras))

    def wait_until(self, trouble, is_so):
        end = now() + START_LIMIT
        while now() < end:
            self.check()
            with suppress(OSError), self.hosts.receiver.inside():  # Its port may not be open yet.
                if is_so():
                    return
            time.sleep(0.2)
        raise Failure(f"{trouble} within {START_LIMIT} s of the start")

    def play(self, moments, end):
        for moment in moments:
            self.wait(moment.at)
            self.record.line("actions.jsonl", at=self.record.at, what=moment.what)
            if moment.is_path:
                self.path = moment.what
                self.shape(self.path)
            else:
                self.befall(moment.what)
                self.wait(moment.at + moment.seconds)
                self.pass_over(moment.what)
                self.record.line("actions.jsonl", at=self.record.at, what=moment.what, over=True)
        self.wait(end)

    def shape(self, words, what=None):
        self.hosts.link.shape(words)
        self.probe.step(what or words)

    def befall(self, what):
        match what:
            case "blackout":
                self.shape("loss 100%", what)
            case "new-address":
                self.hosts.camera.lose_address()
                self.probe.step(None)
            case "frozen":
                for camera in self.cast.cameras:
                    camera.freeze()
            case "killed":
                for camera in self.cast.cameras:
                    camera.kill()
            case "relay-down":
                self.cast.relay.kill()

    def pass_over(self, what):
        match what:
            case "blackout":
                self.shape(self.path)
            case "new-address":
                self.hosts.give_camera_another_address()
                self.probe.step(self.path)
            case "frozen":
                for camera in self.cast.cameras:
                    camera.thaw()
            case "killed":
                for camera in self.cast.cameras:
                    camera.start()
            case "relay-down":
                self.cast.relay.start()

    def wait(self, at):
        while (left := at - self.record.at) > 0:
            self.check()
            time.sleep(min(left, 1))

    def check(self):
        for program in self.cast.all:
            program.check()


def perform(record, facts):
    with ExitStack() as ends:
        hosts = Hosts(TapLink if facts["backend"] == "tap" else NetemLink)
        ends.callback(hosts.link.close)
        cast = Cast(facts, hosts, record, Path(ends.enter_context(tempfile.TemporaryDirectory())))
        for program in cast.all:
            ends.callback(program.kill)
        stage = Stage(record, cast, hosts, Probe(record, hosts, facts["probe_interval"]))
        samples = Sampler(record, cast.receiver, cast.scrape, facts["sample_interval"])
        stage.open()
        record.begin()
        for thread in (samples, stage.probe):
            ends.callback(thread.stop)
            thread.start()
        stage.play([Moment(**moment) for moment in facts["moments"]], facts["minutes"] * 60)
        record.note(ended=record.at)
        for thread in (samples, stage.probe):
            thread.stop()
        # The receiver first, which sees nobody go.
        for program in sorted(cast.all, key=lambda program: program is not cast.receiver):
            program.stop()


def main(directory):
    record = Record(directory)

    def stopped(number, _):
        raise Failure(f"it was stopped by {signal.Signals(number).name}")

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stopped)
    facts = record.facts
    try:
        record.note(kernel=Path("/proc/sys/kernel/osrelease").read_text().strip())
        perform(record, facts)
    except (Failure, OSError) as failure:
        record.note(failure=str(failure))
        return 70
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

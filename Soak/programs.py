# SPDX-License-Identifier: Apache-2.0
"""What runs on the hosts: relay, receiver and cameras."""

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PATIENCE = 15
DIE_WITH_PARENT = 1


class Failure(Exception):
    """What broke the run itself."""


class Program:
    """A process on a host, which is started as often as it takes. It must not end before it is told to."""

    def __init__(self, name, host, words, record):
        self.name, self.host, self.words, self.record = name, host, words, record
        self.process = None

    def start(self):
        directory = self.record.directory
        with open(directory / f"{self.name}.jsonl", "ab") as lines, open(directory / "stderr.txt", "ab") as errors:
            self.process = self.host.start(
                [*map(str, self.words)], stdout=lines, stderr=errors, env=environment(), preexec_fn=die_with_parent)

    def check(self):
        if self.process and self.process.poll() is not None:
            raise Failure(f"the {self.name} ended with status {self.process.returncode}: see stderr.txt")

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        process, self.process = self.process, None
        if process:
            process.kill()
            process.wait()

    def stop(self):
        """In an orderly way, if it can."""
        if not self.process:
            return
        self.thaw()
        self.process.terminate()
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure(f"the {self.name} did not end within {PATIENCE} s of being told to") from None
        self.process = None
        if status not in (0, -signal.SIGTERM):
            raise Failure(f"the {self.name} ended with status {status} when told to end")


def environment():
    """Without what somebody configured for a service of his own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FRAMEWATCH_")}


def die_with_parent():
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)


class Cast:
    """The programs of a run, as its facts want them. Whoever is to be killed has a process of its own."""

    def __init__(self, facts, hosts, record, state):
        self.facts, self.hosts, self.record, self.state = facts, hosts, record, state
        self.has_relay = facts["receiver"] != "framewatch" or any(
            moment["what"] == "relay-down" for moment in facts["moments"])
        self.relay = self.program("relay", hosts.receiver, self.relay_words) if self.has_relay else None
        self.receiver = self.program("receiver", hosts.receiver, self.receiver_words)
        self.cameras = [
            self.program(f"camera-{name}", hosts.camera, self.camera_words(name)) for name in facts["cameras"]]

    # Where the relay says who is there, embedded or not.
    status = "http://127.0.0.1:3000/status"

    @property
    def scrape(self):
        """Where the receiver says how it fares."""
        return f"http://127.0.0.1:{3001 if self.has_relay else 3000}/metrics"

    @property
    def picture(self):
        """Small and rare where hours are to pass in minutes: each frame costs user-mode Linux its time."""
        size, rate = ("160x120", 10) if self.facts["time_travel"] else ("320x240", 15)
        return ["--size", size, "--fps", rate]

    @property
    def all(self):
        """In the order in which they start."""
        return [self.relay] * self.has_relay + [self.receiver, *self.cameras]

    def program(self, name, host, words):
        return Program(name, host, words, self.record)

    def framewatch(self, command, name):
        return [self.facts["executable"], command, "--config", "/dev/null", "--token", "none", "--log-format", "json",
                "--log-level", "debug", "--state-dir", self.state / name]

    @property
    def relay_words(self):
        return self.framewatch("relay", "relay")

    @property
    def receiver_words(self):
        if self.facts["receiver"] == "first-generation":
            return [self.facts["python"], CHECKOUT / "Tests/Standins/first-generation.py",
                    "--camera", self.facts["cameras"][0], "--relay", "ws://127.0.0.1:8080", "--status-port", 3001]
        joining = ["--relay", "ws://127.0.0.1:8080", "--metrics-port", 3001] if self.has_relay else []
        watching = ["--camera", ",".join(self.facts["cameras"])]
        return self.framewatch("run", "receiver") + joining + watching + self.facts["receiver_flags"]

    def camera_words(self, name):
        relay = f"ws://{self.hosts.receiver.address}:8080"
        if self.facts["camera"] == "aiortc":
            return [self.facts["python"], CHECKOUT / "Tests/Standins/aiortc-camera.py",
                    f"{relay}/camera/{name}", *self.picture]
        return self.framewatch("camera", name) + [
            "--relay", relay, "--name", name, *self.picture, "--codec", "vp8", "--bitrate", 150,
            *self.facts["phone"]]

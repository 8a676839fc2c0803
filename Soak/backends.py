# SPDX-License-Identifier: Apache-2.0
"""Where a soak can run: with this kernel's netem, in user-mode Linux, or with a program that stands in for netem."""

import fcntl
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Impossible(Exception):
    """Why a backend can't be had here."""


def attempt(*words, trouble):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        complaint = (done.stderr.strip() or f"status {done.returncode}").splitlines()[-1]
        raise Impossible(f"{trouble} ({complaint})")
    return done.stdout.strip()


def in_own_network(*words):
    """Whoever is not root is root in a user namespace of his own."""
    return ["unshare", "--net", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), *words]


class Netem:
    name, praise = "netem", "this kernel has netem"

    def __init__(self, is_time_travel):
        if is_time_travel:
            raise Impossible("the real kernel's time can't be skipped")
        attempt(*in_own_network("tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "0ms"),
                trouble="this kernel has no netem, or lets nobody but root have it")

    def words(self, directory):
        return in_own_network(sys.executable, str(HERE / "run.py"), str(directory))


class Tap(Netem):
    name, praise = "tap", "there is neither netem nor a user-mode kernel"

    def __init__(self, is_time_travel):
        if is_time_travel:
            raise Impossible("the real kernel's time can't be skipped")
        attempt(*in_own_network("ip", "tuntap", "add", "trial", "mode", "tap"),
                trouble="this kernel makes no TAP device, or lets nobody but root have one")


class UserModeLinux:
    name = "uml"

    def __init__(self, is_time_travel):
        self.is_time_travel = is_time_travel
        self.praise = "idle time is skipped" if is_time_travel else "this kernel has no netem, and a user-mode one has"
        # It says on the standard error what it is at, which may take minutes.
        done = subprocess.run([HERE / "kernel"], stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise Impossible("there is no user-mode kernel: scripts/setup soak installs what it is built from")
        self.kernel = done.stdout.strip()

    def words(self, directory):
        travel = ["time-travel"] if self.is_time_travel else []
        # It and its programs take turns: from one processor to another each turn would cost twice as much.
        return [
            "taskset", "--cpu-list", str(self.own_processor()), self.kernel, "mem=512M", "rootfstype=hostfs",
            "rootflags=/", "ro", f"init={HERE / 'init'}", "con=null", "con0=null,fd:2", "ssl=null", "quiet",
            f"uml_dir={directory}", "umid=uml", *travel, f"soak={directory}"]

    def own_processor(self):
        """The idlest one that no other soak has, which is ours until we end."""
        processors = idlest_processors()
        for processor in processors:
            self.claim = open(Path(self.kernel).with_name(f"processor-{processor}"), "w")
            with suppress(BlockingIOError):
                fcntl.flock(self.claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return processor
        return processors[0]


def idlest_processors():
    def idle_times():
        lines = map(str.split, Path("/proc/stat").read_text().splitlines())
        return {words[0]: int(words[4]) for words in lines if words[0].startswith("cpu")}

    before = idle_times()
    time.sleep(0.5)
    after = idle_times()
    return sorted(os.sched_getaffinity(0), key=lambda n: before[f"cpu{n}"] - after[f"cpu{n}"])


BACKENDS = {backend.name: backend for backend in (Netem, UserModeLinux, Tap)}


def chosen(name, is_time_travel):
    """The backend of this name, or the best there is, and why it is that one."""
    if name:
        return BACKENDS[name](is_time_travel), "as you said"
    troubles = []
    for backend in BACKENDS.values():
        try:
            possible = backend(is_time_travel)
            return possible, possible.praise
        except Impossible as trouble:
            troubles.append(f"{backend.name}: {trouble}")
    raise Impossible("no backend works here; " + "; ".join(troubles))

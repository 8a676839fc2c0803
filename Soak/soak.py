# SPDX-License-Identifier: Apache-2.0
"""Puts a receiver through bad networks and zombies, and reports how it fared: scripts/soak --help"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import backends
import netem
import profiles
from programs import CHECKOUT, die_with_parent
from record import Record

USAGE, UNAVAILABLE = 64, 69
BUILT = CHECKOUT / ".build/release/framewatch"


class Mistake(Exception):
    """What is wrong with what was asked for."""


class Words(argparse.ArgumentParser):
    def error(self, message):
        raise Mistake(f"{message}; scripts/soak --help says more")


def options(words):
    table = ", ".join(profiles.read())
    parser = Words(
        prog="scripts/soak", description="""Camera and receiver on two hosts, a bad network between them, and a report
        of how the receiver kept its promises; exit status 1 and the report's first line say which one it broke.""",
        epilog="The report is in DIR/report.html, .txt and .json. scripts/soak-view DIR follows a soak that runs.")
    say = parser.add_argument
    say("--profile", required=True, metavar="P", help=f"what network and phone do: {table}, or a file of yours, "
        "which is explained in Soak/profiles.txt")
    say("--minutes", required=True, type=minutes, metavar="M", help="how long, from 0.5 to 100000")
    say("--backend", choices=list(backends.BACKENDS), help="netem of this kernel, uml for that of user-mode Linux, tap "
        "for a program that stands in for netem; else the first of these that works")
    say("--time-travel", action="store_true", help="skip idle time, in user-mode Linux: hours in minutes")
    say("--cameras", type=cameras, default=1, metavar="N", help="how many cameras, from 1 to 16 [1]")
    say("--camera", choices=["framewatch", "aiortc"], default="framewatch", help="whose camera it is [framewatch]")
    say("--receiver", choices=["framewatch", "first-generation"], default="framewatch",
        help="who receives [framewatch]; first-generation polls each 3 s and waits 30 s")
    say("--seed", type=int, default=1, metavar="S", help="what is random is drawn by this number [1]")
    say("--out", type=Path, metavar="DIR", help="a new directory for what comes of it [.build/soak/PROFILE-SEED-TIME]")
    say("--executable", type=Path, default=BUILT, help=argparse.SUPPRESS)
    say("--never-ask", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(words)


def minutes(text):
    value = float(text)
    if not 0.5 <= value <= 100_000:
        raise argparse.ArgumentTypeError(f"{text} is not from 0.5 to 100000")
    return value


def cameras(text):
    value = int(text)
    if not 1 <= value <= 16:
        raise argparse.ArgumentTypeError(f"{text} is not from 1 to 16")
    return value


def build():
    for words in (["scripts/setup", "soak"], ["scripts/build", "-c", "release", "--product", "framewatch"]):
        if status := subprocess.run(words, cwd=CHECKOUT, stdout=sys.stderr).returncode:
            raise backends.Impossible(f"{' '.join(words)} ended with status {status}")


def plan(asked, profile, others, backend, why):
    """What is written down before the run, and all that it goes by."""
    moments = profiles.drawn(profile, others, asked.seed, asked.minutes)
    if asked.camera == "aiortc" and profile.phone:
        raise Mistake(f"[{profile.name}] tells the phone {' '.join(profile.phone)}, which only our own camera can do")
    if asked.receiver == "first-generation" and asked.cameras > 1:
        raise Mistake("--receiver first-generation receives one camera; leave out --cameras")
    if backend.name == "tap":
        understand(moments)
    return {
        "profile": profile.name, "seed": asked.seed, "minutes": asked.minutes, "backend": backend.name, "why": why,
        "time_travel": asked.time_travel, "camera": asked.camera, "receiver": asked.receiver,
        "cameras": ["default"] if asked.cameras == 1 else [f"cam{n + 1}" for n in range(asked.cameras)],
        "moments": [asdict(moment) for moment in moments], "phone": profile.phone, "limits": profile.limits,
        "receiver_flags": ["--never-ask"] if asked.never_ask else [],
        "python": aiortc() if "framewatch" != asked.camera or "framewatch" != asked.receiver else None,
        "executable": str(asked.executable.resolve()),
        "probe_interval": 0.1 if asked.time_travel else 0.005, "sample_interval": 5 if asked.minutes > 120 else 1,
        "versions": versions(asked.executable)}


def aiortc():
    """The Python that has it."""
    words = [CHECKOUT / "scripts/python", "-c", "import sys; print(sys.executable)"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def understand(moments):
    for moment in moments:
        try:
            if moment.is_path:
                netem.understood(moment.what)
        except netem.NotUnderstood as word:
            raise Mistake(f"--backend tap does not know what {str(word)!r} means in {moment.what!r}") from None


def versions(executable):
    def answer(*words):
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()[-1]
    return {"framewatch": answer(executable, "--version"),
            "gstreamer": answer("pkg-config", "--modversion", "gstreamer-1.0")}


def prepared(asked, facts):
    name = f"{facts['profile']}-{asked.seed}-{time.strftime('%Y%m%d-%H%M%S')}"
    directory = (asked.out or CHECKOUT / ".build/soak" / name).absolute()
    if directory.is_dir() and any(directory.iterdir()):
        raise Mistake(f"{directory} is not empty; name another one, or none")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "stderr.txt").touch()
    except OSError as trouble:
        raise Mistake(f"--out cannot be made: {trouble}") from None
    registry = directory / "registry"
    subprocess.run(["gst-inspect-1.0", "webrtcbin"], env=os.environ | {"GST_REGISTRY": str(registry)},
                   stdout=subprocess.DEVNULL, check=True)
    return Record(directory)


def perform(backend, record):
    """Runs it to its end, and ends it where we are ended."""
    began = time.monotonic()
    with open(record.directory / "console.txt", "wb") as console:
        run = subprocess.Popen(backend.words(record.directory), stdin=subprocess.DEVNULL, stdout=console,
                               stderr=console, start_new_session=True, preexec_fn=die_with_parent)
    try:
        run.wait()
    finally:
        if run.poll() is None:
            run.terminate()
            try:
                run.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()
        record.note(wall_seconds=round(time.monotonic() - began, 1))
        if not {"ended", "failure"} & record.facts.keys():
            record.note(failure=early_end((record.directory / "console.txt").read_text(errors="replace")))


def early_end(console):
    """Why a run ended without a word of its own. The first that a dying kernel says is why, and it goes on for long."""
    last_words = [line for line in console.splitlines() if line.startswith("userspace - ") or "Kernel panic" in line]
    if not last_words:
        return "the run ended early: see console.txt and stderr.txt"
    if "set fp regs failed" in last_words[0]:
        last_words[0] += ", as this processor has more registers than Soak/kernel.patch makes room for"
    return f"user-mode Linux died: {last_words[0].strip()}: see console.txt"


def verdict(record):
    report = CHECKOUT / "Soak/report.py"
    if report.exists():
        return subprocess.run([sys.executable, report, record.directory]).returncode
    print(f"soak: {record.facts.get('failure', 'it ran to its end')}")
    return 0 if "ended" in record.facts else 1


def main(words):
    try:
        asked = options(words)
        profile, others = profiles.find(asked.profile)
        if asked.executable == BUILT:
            build()
        backend, why = backends.chosen(asked.backend, asked.time_travel)
        facts = plan(asked, profile, others, backend, why)
        record = prepared(asked, facts)
    except (Mistake, profiles.Mistake) as mistake:
        print(f"soak: {mistake}", file=sys.stderr)
        return USAGE
    except backends.Impossible as trouble:
        print(f"soak: {trouble}", file=sys.stderr)
        return UNAVAILABLE
    record.note(**facts)
    kind = "virtual " if asked.time_travel else ""
    print(f"soak: {facts['profile']} for {asked.minutes:g} {kind}minutes with {backend.name}: {why}", flush=True)
    print(f"soak: to follow it: scripts/soak-view {record.directory}", flush=True)
    perform(backend, record)
    return verdict(record)


def stop(number, _):
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("soak: stopped", file=sys.stderr)
        sys.exit(130)

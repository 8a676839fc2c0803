# SPDX-License-Identifier: Apache-2.0
"""What a run was, for people."""

import shlex


def headline(run):
    about = run.about
    parts = [lasting(run.end) if run.is_whole else f"{lasting(run.end)} of {lasting(run.planned)}"]
    if about.get("time_travel"):
        wall = about.get("wall_seconds")
        parts[0] += " of virtual time" + (f" in {lasting(wall)}" if wall else "")
    if about.get("receiver", "framewatch") != "framewatch":
        parts.append(f"a receiver of the {about['receiver'].replace('-', ' ')}")
    cameras = len(run.cameras)
    parts += [BACKENDS.get(about.get("backend"), str(about.get("backend"))), f"seed {about.get('seed')}",
              f"{cameras} camera{'s' * (cameras > 1)}"]
    return ", ".join(parts)


BACKENDS = {"netem": "this kernel's netem", "uml": "netem in user-mode Linux", "tap": "an emulated netem (tap)"}


def command(run):
    """What does it again."""
    about = run.about
    words = ["scripts/soak", "--profile", about["profile"], "--minutes", f"{about['minutes']:g}",
             "--seed", str(about.get("seed")), "--backend", str(about.get("backend"))]
    words += ["--time-travel"] * bool(about.get("time_travel"))
    words += ["--cameras", str(len(run.cameras))] if len(run.cameras) > 1 else []
    words += ["--camera", about["camera"]] if about.get("camera", "framewatch") != "framewatch" else []
    words += ["--receiver", about["receiver"]] if about.get("receiver", "framewatch") != "framewatch" else []
    return shlex.join(words)


def lasting(seconds):
    """So long, for people; from an hour on without the seconds."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes)
    return " ".join(parts + [f"{seconds} s"] * (not parts or (seconds > 0 and not hours)))

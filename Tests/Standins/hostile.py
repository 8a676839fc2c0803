#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sends a relay everything that a stranger can, and sees whether it minds.

    hostile.py --url ws://127.0.0.1:8080 --http http://127.0.0.1:3000 [--token T] [--seed N] [--pid PID]
               [--only texts,frames | --without burst] [--survival-only] [--verbose]

Only against relays of this machine. Exits 1 where an expectation was broken: a wrong status or close code, a message
that reached somebody, or an honest pair that is no longer served. With --survival-only just the last counts, as for the
first generation's relay, which promises nothing else. With --pid, memory and open files of the relay are reported too,
and watched. With wss: and https: all but what must be silent goes over TLS.
A relay on GLib is best started with G_DEBUG=fatal-criticals: what GLib would only complain of then ends it.
"""

import argparse
import asyncio
import contextlib
import json
import os
import resource
import sys
import time

sys.dont_write_bytecode = True

from hostility import frames, messages, requests, sockets
from hostility.group import Group, Refused, Relay
from hostility.wire import frame

GROUPS = {
    "texts": messages.texts, "fields": messages.fields, "sdp": messages.sdp, "binary": messages.binary,
    "floods": messages.floods, "deaf": messages.deaf_viewers, "late": messages.late_reader,
    "unread": messages.unread_texts, "frames": frames.frames, "http": requests.http, "paths": requests.paths,
    "credentials": requests.credentials, "half-open": sockets.half_open, "ghosts": sockets.ghosts,
    "crowd": sockets.crowd, "burst": sockets.burst, "drowned": messages.drowned_viewers, "slow": sockets.slow,
}
#: Beside all others, as they take their time.
SLOW = {"drowned", "slow"}
LONGEST_GROUP = 60


def options():
    parser = argparse.ArgumentParser(description="Sends a relay everything that a stranger can.")
    parser.add_argument("--url", required=True)
    parser.add_argument("--http", required=True)
    parser.add_argument("--token")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pid", type=int)
    parser.add_argument("--only", type=lambda names: names.split(","), default=list(GROUPS))
    parser.add_argument("--without", type=lambda names: names.split(",") if names else [], default=[])
    parser.add_argument("--survival-only", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="what came of each input")
    arguments = parser.parse_args()
    if unknown := {*arguments.only, *arguments.without} - {*GROUPS}:
        parser.error(f"no such group: {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
    return arguments


async def trouble(relay, within=10):
    """What keeps an honest offer from its viewer, or the status from being told; None where nothing does."""
    group, end, why = Group("pulse", relay, 0, True), time.monotonic() + within, ""
    while time.monotonic() < end:
        with contextlib.ExitStack() as closing:
            try:
                viewer, camera = await group.connect("/viewer/pulse"), await group.connect("/camera/pulse")
                for wire in (viewer, camera):
                    closing.callback(wire.drop, reset=False)
                camera.send(frame(b'{"type":"offer","sdp":"v=0 pulse"}'))
                await camera.verdict()
                await viewer.verdict()
                heard = any(b"v=0 pulse" in text for text in viewer.texts)
                status = await told_status(group)
                if heard and status:
                    return None
                came, told = "came" if heard else "did not come", "is" if status else "is not"
                why = f"an offer {came} through, /status {told} told"
            except (Refused, OSError, asyncio.TimeoutError) as failure:
                why = f"{failure or type(failure).__name__}"
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.2)
    return why


async def told_status(group):
    try:
        return json.loads(await group.ask("/status")).keys() >= {"cameras", "viewers", "timestamp"}
    except ValueError:
        return False


async def run(name, arguments, relay):
    group = Group(name, relay, arguments.seed, strict=not arguments.survival_only, verbose=arguments.verbose)
    try:
        await asyncio.wait_for(GROUPS[name](group), LONGEST_GROUP)
    except asyncio.TimeoutError:
        group.broken.append(f"took more than {LONGEST_GROUP} s")
    except (Refused, OSError) as failure:
        group.broken.append(f"could not go on: {failure or type(failure).__name__}")
    group.seconds = time.monotonic() - group.begun
    if why := await trouble(relay):
        group.broken.append(f"honest peers are no longer served: {why}")
        group.is_last = True
    print(f"{name}: {group.inputs:,} hostile inputs", flush=True)
    return group


async def settled(relay, files):
    """Whether the relay lets go of all files that it had not before, once everybody's time for a handshake is over."""
    group = Group("settled", relay, 0, True)
    while relay.open_files > files and time.monotonic() < group.begun + 15:
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.2)
    group.seconds = time.monotonic() - group.begun
    group.insist(f"{relay.open_files} open files where {files} were", relay.open_files <= files)
    return group


def footprint(pid):
    try:
        with open(f"/proc/{pid}/statm") as statm:
            pages = int(statm.read().split()[1])
        megabytes, files = pages * resource.getpagesize() / 2**20, len(os.listdir(f"/proc/{pid}/fd"))
        return f"{megabytes:.0f} MiB resident, {files} open files"
    except OSError:
        return "gone"


def print_table(groups):
    print(f"\n{'group':12}{'inputs':>8}{'connections':>13}{'seconds':>9}  outcomes")
    for group in groups:
        outcomes = ", ".join(f"{outcome} {count:,}" for outcome, count in group.outcomes.most_common())
        print(f"{group.name:12}{group.inputs:>8,}{group.connections:>13,}{group.seconds:>9.1f}  {outcomes}")
    for group in groups:
        for broken in group.broken[:10]:
            print(f"BROKEN {group.name}: {broken}")
        if len(group.broken) > 10:
            print(f"BROKEN {group.name}: and {len(group.broken) - 10} more")


async def main():
    arguments = options()
    relay = Relay(arguments.url, arguments.http, arguments.token, arguments.pid)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if why := await trouble(relay):
        sys.exit(f"hostile.py: no relay to try: {why}")
    before, files = (footprint(arguments.pid), relay.open_files) if arguments.pid else (None, 0)

    names = [name for name in arguments.only if name not in arguments.without]
    patience = [asyncio.create_task(run(name, arguments, relay)) for name in names if name in SLOW]
    groups = []
    for name in names:
        if name not in SLOW and not any(group.is_last for group in groups):
            groups.append(await run(name, arguments, relay))
    groups += await asyncio.gather(*patience)
    if relay.pid:
        groups.append(await settled(relay, files))
    print_table(groups)
    if before:
        print(f"the relay before: {before}; after: {footprint(arguments.pid)}")
    inputs, connections = sum(group.inputs for group in groups), sum(group.connections for group in groups)
    print(f"{inputs:,} hostile inputs sent, {connections:,} connections made")
    sys.exit(any(group.broken for group in groups))


asyncio.run(main())

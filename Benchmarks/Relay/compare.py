#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures our relay beside a minimal one on Node's ws, with the same messages, in turns: scripts/bench relay

For each number of pairs, in every round, each relay is started afresh, filled with pairs of a camera and a viewer (each
pair in a room of its own), measured at rest, at full speed and at a fixed rate well below that, and stopped. The table
shows medians of the rounds; a ratio is the median of the rounds' own, with the least and greatest of them. What others
had of this machine meanwhile is shown too, and a measurement that they disturbed is taken again.
"""

import argparse
import contextlib
import functools
import json
import os
import pathlib
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
OURS = """.build/release/framewatch relay --bind 127.0.0.1 --ws-port {port} --http-port 0 --https-port 0
    --state-dir {directory} --token none --max-peers 2000 --connect-rate 10000
    --message-rate 100000 --message-burst 100000 --log-level error"""
THEIRS = f"node {HERE / 'node-relay.js'} {{port}}"
#: What is measured: its name in the table, how it is written, and whether the two are compared.
FIGURES = {
    "messages": ("messages a second", "{:,.0f}", True),
    "cpu": ("CPU s per 1,000 messages", "{:.4f}", True),
    "p50": ("p50 at {rate:,} a second, µs", "{:,.0f}", True),
    "p99": ("p99 at {rate:,} a second, µs", "{:,.0f}", True),
    "paced_cpu": ("CPU s per 1,000 at that rate", "{:.4f}", True),
    "rss": ("RSS a pair at rest, KiB", "{:,.1f}", True),
    "pss": ("PSS a pair at rest, KiB", "{:,.1f}", True),
    "empty_rss": ("RSS with no pair, MiB", "{:.1f}", True),
    "empty_pss": ("PSS with no pair, MiB", "{:.1f}", True),
    "relay": ("of a core: the relay", "{:.0%}", False),
    "load": ("of a core: the load", "{:.0%}", False),
    "others": ("of a core: others, at most", "{:.0%}", False),
}
#: What others on this machine may use of a core before a measurement is taken again.
DISTURBANCE = 0.1


def options():
    parser = argparse.ArgumentParser(description="Measures our relay beside a minimal one on Node's ws.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4, help="of each run, after a second that does not count")
    parser.add_argument("--pairs", type=lambda text: [int(number) for number in text.split(",")], default=[1, 100, 500])
    parser.add_argument("--window", type=int, default=8, help="messages that a camera keeps on their way")
    parser.add_argument("--rate", type=int, default=2000, help="messages a second in all, for the latency")
    parser.add_argument("--tries", type=int, default=3, help="of a measurement that others on this machine disturbed")
    parser.add_argument("--ours", default=OURS, help="another command to measure as ours, with {port} and {directory}")
    return parser.parse_args()


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextlib.contextmanager
def process(command, **streams):
    """A process for as long as the block lasts, however it ends."""
    running = subprocess.Popen(command, **streams)
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(5)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextlib.contextmanager
def relay(command, directory):
    port = free_port()
    words = shlex.split(command.format(port=port, directory=directory))
    environment = {"NODE_PATH": "/usr/share/nodejs", **os.environ}
    with process(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment) as running:
        end = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if running.poll() is not None or time.monotonic() > end:
                    sys.exit(f"{words[0]} did not start: {shlex.join(words)}")
                time.sleep(0.05)
        yield running.pid, port


def memory(pid):
    """In KiB. What a pair costs is anonymous; the share of files changes with whoever else has them mapped."""
    lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    fields = dict(line.split(":") for line in lines)
    return {name: int(fields[name].split()[0]) for name in ("Rss", "Pss", "Pss_Anon")}


def processor_seconds():
    """What all processes of this machine have used."""
    fields = pathlib.Path("/proc/stat").read_text().split()[1:8]
    user, nice, system, _, _, *interrupts = map(int, fields)
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def measure(command, pairs, arguments, load, directory):
    """One relay, filled with so many pairs, once."""
    with relay(command, directory) as (pid, port):
        time.sleep(1)
        empty = memory(pid)
        limit = 60 + 2 * arguments.seconds
        words = ["timeout", "--kill-after=1", str(limit), load, *map(str, (port, pairs, arguments.window, pid))]
        with process(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as driver:

            def answer(line=None):
                if line:
                    print(line, file=driver.stdin, flush=True)
                return driver.stdout.readline() or sys.exit(f"no measurement with {pairs} pairs of: {command}")

            def run(line):
                """What was measured, and how much of a core others used meanwhile."""
                used, begun = processor_seconds(), time.monotonic()
                result = json.loads(answer(line))
                used, took = processor_seconds() - used, time.monotonic() - begun
                measured = (result["relay_cpu"] + result["load_cpu"]) / arguments.seconds
                return result, max(0, used / took - measured)

            answer()
            time.sleep(1)
            filled = memory(pid)
            full, others_then = run(f"throughput {arguments.seconds}")
            paced, others_later = run(f"latency {arguments.rate} {arguments.seconds}")
    return {
        "messages": full["messages"] / arguments.seconds, "cpu": full["relay_cpu"] / full["messages"] * 1000,
        "p50": paced["p50"], "p99": paced["p99"], "paced_cpu": paced["relay_cpu"] / paced["messages"] * 1000,
        "rss": (filled["Rss"] - empty["Rss"]) / pairs, "pss": (filled["Pss_Anon"] - empty["Pss_Anon"]) / pairs,
        "empty_rss": empty["Rss"] / 1024, "empty_pss": empty["Pss"] / 1024,
        "relay": full["relay_cpu"] / arguments.seconds, "load": full["load_cpu"] / arguments.seconds,
        "others": max(others_then, others_later),
    }


def least_disturbed(tries, measurement):
    best = measurement()
    for _ in range(tries - 1):
        if best["others"] < DISTURBANCE:
            break
        best = min(best, measurement(), key=lambda result: result["others"])
    return best


def print_table(results, rate):
    for pairs, (ours, theirs) in results.items():
        print(f"\n{f'{pairs} pairs' if pairs > 1 else '1 pair':30}{'ours':>12}{'Node ws':>12}   ours : Node")
        for figure, (name, form, is_compared) in FIGURES.items():
            if pairs == 1 and figure in ("rss", "pss"):
                continue  # One pair is less than what an allocator takes at a time.
            values = [form.format(statistics.median(result[figure] for result in side)) for side in (ours, theirs)]
            ratios = [one[figure] / other[figure] for one, other in zip(ours, theirs) if other[figure]]
            told = ""
            if is_compared and ratios:
                told = f"{statistics.median(ratios):.2f}  ({min(ratios):.2f} to {max(ratios):.2f})"
            print(f"{name.format(rate=rate):30}{values[0]:>12}{values[1]:>12}   {told}".rstrip())


def versions():
    script = "console.log(`Node ${process.versions.node} with ws ${require('ws/package.json').version}`)"
    environment = {"NODE_PATH": "/usr/share/nodejs", **os.environ}
    try:
        told = subprocess.run(["node", "-e", script], env=environment, capture_output=True, text=True, check=True)
        return told.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        sys.exit("bench: Node and its ws are missing: apt-get install nodejs node-ws")


def main():
    arguments = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    node = versions()
    with tempfile.TemporaryDirectory() as directory:
        load = f"{directory}/load"
        subprocess.run(["cc", "-O2", "-o", load, str(HERE / "load.c")], check=True)
        results = {pairs: ([], []) for pairs in arguments.pairs}
        for number in range(arguments.rounds):
            for pairs, sides in results.items():
                turns = [(arguments.ours, sides[0]), (THEIRS, sides[1])]
                for command, side in turns if number % 2 == 0 else reversed(turns):
                    once = functools.partial(measure, command, pairs, arguments, load, directory)
                    side.append(least_disturbed(arguments.tries, once))
                print(f"round {number + 1} of {arguments.rounds}: pairs {pairs}", file=sys.stderr)
    print(f"Our relay beside {node}: offers of 2 KiB, {arguments.window} on their way a pair, medians of "
          f"{arguments.rounds} rounds of {arguments.seconds:g} s in turns, {os.cpu_count()} cores.")
    print(f"Measured by: {shlex.join(['scripts/bench', 'relay', *sys.argv[1:]])}")
    print_table(results, arguments.rate)


main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Judges a soak and reports it: report.txt, report.json and report.html beside what it left. Soak/report.py DIR

Exits 0 where all promises were kept, 1 where one was broken, 64 where there is no soak.
"""

import json
import sys
from pathlib import Path

import evidence
import page
import paths
import words
from figures import distribution
from promises import Verdict


def write(directory):
    """Writes the reports, and gives the verdict."""
    directory = Path(directory)
    verdict = Verdict(evidence.read(directory))
    (directory / "report.txt").write_text(text(verdict))
    (directory / "report.json").write_text(json.dumps(facts(verdict), indent=1, ensure_ascii=False) + "\n")
    (directory / "report.html").write_text(page.page(verdict))
    return verdict


def text(verdict):
    run, promises = verdict.run, verdict.promises
    width = max(len(promise.name) for promise in promises)
    rows = [f"{promise.name:{width}}  {promise.mark:10}  {promise.figure}; promised: {promise.promised}"
            + (f" ({promise.why})" if promise.why else "") for promise in promises]
    figures = [f"{name:{width}}  {value}" for name, value in counts(verdict).items()]
    return "\n".join([verdict.line, "", words.headline(run), run.about.get("why", ""), "", *rows, "", *figures]) + "\n"


def counts(verdict):
    zombies = verdict.zombies
    return {
        "episodes": f"{len(verdict.episodes)}",
        "detection": spoken(distribution(verdict.detections)),
        "by the phone": spoken(distribution(verdict.by_phone)),
        "recovery": spoken(distribution(verdict.recoveries)),
        "requests": f"{len(verdict.requests)}",
        "zombies": f"{zombies.all}: {zombies.found} found, {zombies.overtaken} overtaken by another cause, "
                   f"{zombies.undecided} undecided at the end, {len(zombies.missed)} missed",
    }


def spoken(spread):
    if not spread["count"]:
        return "none"
    return "p50 {p50:.2f} s, p99 {p99:.2f} s, max {max:.2f} s of {count}".format(**spread)


def facts(verdict):
    run, zombies, memory = verdict.run, verdict.zombies, verdict.memory
    return {
        "verdict": verdict.line, "is_kept": not verdict.broken, "run": run.about,
        "promises": [vars(promise) for promise in verdict.promises],
        "availability": verdict.shares,
        "detection_seconds": distribution(verdict.detections),
        "detection_by_phone_seconds": distribution(verdict.by_phone),
        "recovery_seconds": distribution(verdict.recoveries),
        "requests": len(verdict.requests), "false_requests": verdict.false_requests,
        "zombies": {"all": zombies.all, "found": zombies.found, "overtaken": zombies.overtaken,
                    "undecided": zombies.undecided, "missed": zombies.missed},
        "memory_mib_per_hour": memory and {"slope": memory.rise, "lowest": memory.lowest, "highest": memory.highest},
        "probes": {direction: [vars(one) | {"loss": one.loss} for one in found.values()]
                   for direction, found in paths.each_way(run).items()},
        "episodes": [vars(episode) | {"chance": episode.chance.pairs, "recovery": episode.recovery,
                                      "diagnosis": episode.diagnosis, "remedy": episode.remedy}
                     for episode in verdict.episodes],
    }


def main(arguments):
    if len(arguments) != 1:
        print("usage: Soak/report.py DIR", file=sys.stderr)
        return 64
    try:
        verdict = write(arguments[0])
    except evidence.NoSoak as mistake:
        print(f"report: {mistake}", file=sys.stderr)
        return 64
    print(verdict.line)
    return 1 if verdict.broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

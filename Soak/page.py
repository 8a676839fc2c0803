# SPDX-License-Identifier: Apache-2.0
"""The report as a page: one file, without anything from elsewhere."""

import json
from html import escape
from itertools import pairwise
from pathlib import Path

import panels
import plots
import strips
import tables
import words
from figures import distribution
from promises import RECOVERY_LIMIT
from story import DETECTION_LIMIT

STATES = {"flow": "frames", "slow": "fewer frames than usual", "against": "none, which counts",
          "excused": "none: network or phone did not allow them, or the receiver still had time to find out"}
READINGS = 1000
"""What the pointer can be told about at most."""
HERE = Path(__file__).parent


def page(verdict):
    run = verdict.run
    title = f"{run.about['profile']}: {'broken' if verdict.broken else 'kept'} (framewatch soak)"
    content = "\n".join([header(verdict), tiles(verdict), *sections(verdict), footer(run)])
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
{(HERE / "page.css").read_text()}</style>
<main>
{content}
</main>
<script id="run" type="application/json">{readings(run)}</script>
<script>
{(HERE / "page.js").read_text()}</script>
</html>
"""


def header(verdict):
    run = verdict.run
    broken = "".join(f"<li>Broken: {escape(one.name)}. {escape(one.figure)}; promised: {escape(one.promised)}</li>"
                     for one in verdict.broken)
    kept = ("All promises kept" if run.is_whole else "All promises kept so far") + sum_up(verdict)
    found = f"<ul>{broken}</ul>" if broken else kept
    return (f'<header><p class="brand">framewatch soak</p><h1>{escape(run.about["profile"])}</h1>'
            f'<p class="circumstances">{escape(words.headline(run))}</p>'
            f'<div class="verdict {"broken" if broken else "kept"}">{found}</div></header>')


def sum_up(verdict):
    zombies = verdict.zombies
    if not zombies.found:
        return ""
    return (f'<span>{zombies.found:,} zombies, all of them found within {max(verdict.detections):.2f} s'
            + (" and healed" if all(one.end is not None for one in verdict.episodes) else "") + "</span>")


def tiles(verdict):
    shares = [share for share in verdict.shares.values() if share is not None]
    episodes, memory = verdict.episodes, verdict.memory
    healed = sum(episode.end is not None for episode in episodes)
    shown = [
        tile("%", "available", f"{min(shares) * 100:.2f}" if shares else None),
        tile("", f"episodes, {'all' if healed == len(episodes) else f'{healed:,}'} healed", f"{len(episodes):,}"),
        tile("s", "detection at worst", f"{max(verdict.detections):.2f}" if verdict.detections else None),
        tile("s", "recovery", None),
        tile("", f"requests, {len(verdict.false_requests) or 'none'} of them false", f"{len(verdict.requests):,}"),
        tile("MiB/h", "resident memory", f"{memory.rise:+.{1 if abs(memory.rise) >= 10 else 2}f}" if memory else None)]
    if verdict.recoveries:
        spread = distribution(verdict.recoveries)
        shown[3] = tile("s", f"recovery in the median, {spread['max']:.1f} s at worst", f"{spread['p50']:.2f}")
    return f'<div class="tiles">{"".join(shown)}</div>'


def tile(unit, label, number):
    shown = f"{number} <i>{unit}</i>" if number else "–"
    return f'<div class="tile"><b>{shown}</b><span>{label}</span></div>'


def sections(verdict):
    run, kinds = verdict.run, panels.kinds(verdict.run)
    yield section("Every second of it", legend(STATES) + legend(dict(zip(kinds, kinds)), "fine")
                  + strips.strips(run, kinds))
    yield section("Promises", tables.promises(verdict))
    yield section("Over time", '<p id="readout"></p>' + panels.over_time(verdict))
    yield how_fast(verdict)
    if verdict.episodes:
        many = len(verdict.episodes) > tables.SHOWN
        yield section("Episodes", tables.episodes(verdict),
                      f"the {tables.SHOWN} slowest to recover" if many else "")
    if run.conditions:
        yield section("The network", tables.network(run), "as told, and as a probe beside the stream found it")


def section(title, content, remark=""):
    small = f"<small>{escape(remark)}</small>" if remark else ""
    return f'<section><h2>{escape(title)}{small}</h2><div class="card">{content}</div></section>'


def legend(entries, kind=""):
    return '<p class="legend">' + "".join(
        f'<span><i class="{name} {kind}"></i>{escape(text)}</span>' for name, text in entries.items()) + "</p>"


def how_fast(verdict):
    limit = verdict.run.limits.get("recovery", RECOVERY_LIMIT)
    halves = [plots.histogram(values, at, title, distribution(values)) for values, at, title in (
        (verdict.detections, DETECTION_LIMIT, "Detection, from the last frame"),
        (verdict.recoveries, limit, "Recovery, once it is possible")) if values]
    cards = "".join(f'<div class="card">{half}</div>' for half in halves)
    return f'<section><h2>How fast</h2><div class="halves">{cards}</div></section>' if halves else ""


def readings(run):
    """For the pointer: the samples, thinned out, and what network and phone did."""
    step = max(1, len(run.samples) // READINGS)
    rows = []
    for one, other in pairwise(run.samples[::step]):
        seconds = max(other.at - one.at, 0.001)
        rates = [round((other.frames.get(name, 0) - one.frames.get(name, 0)) / seconds, 1) for name in run.cameras]
        rows.append([round(one.at, 1), " / ".join(map(str, rates)), round(other.memory, 1), other.descriptors,
                     other.threads, round(100 * (other.cpu - one.cpu) / seconds, 1)])
    strikes = [[one.begin, one.end, one.what] for one in run.strikes]
    strikes += [[at, at + DETECTION_LIMIT, "zombie"] for name in run.cameras for at in run.zombies_of(name)]
    facts = {"end": max(run.end, 1), "left": plots.LEFT, "right": plots.RIGHT, "samples": rows, "strikes": strikes,
             "paths": [[one.begin, one.what] for one in run.paths],
             "units": [" fps", " MiB", " descriptors", " threads", " % CPU"]}
    return json.dumps(facts, separators=(",", ":")).replace("<", "\\u003c")


def footer(run):
    about = run.about
    versions = ", ".join(f"{name} {version}" for name, version in (about.get("versions") or {}).items())
    kernel = f"Linux {about['kernel']}" if about.get("kernel") else ""
    facts = " · ".join(filter(None, [about.get("why"), kernel, versions, f"began {about.get('began', '')}"]))
    return f"<footer><p>{escape(facts)}</p><p>Again: <code>{escape(words.command(run))}</code></p></footer>"

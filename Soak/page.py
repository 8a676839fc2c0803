# SPDX-License-Identifier: Apache-2.0
"""The report as a page: one file, without anything from elsewhere."""

from html import escape
from pathlib import Path
from statistics import median

import panels
import paths
import plots
import strips
import words
from figures import distribution
from promises import RECOVERY_LIMIT
from story import DETECTION_LIMIT

SHOWN = 20
"""Episodes that are shown at once."""
STATES = {"flow": "frames", "slow": "fewer frames than usual", "against": "none, which counts",
          "excused": "none: network or phone did not allow them, or the receiver still had time to find out"}
HERE = Path(__file__).parent


def page(verdict):
    run = verdict.run
    sections = [header(verdict), tiles(verdict), every_second(run), promised(verdict), over_time(verdict),
                how_fast(verdict), episodes(verdict), network(run), footer(run)]
    return (f"<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n"
            f'<meta name=viewport content="width=device-width, initial-scale=1">\n'
            f"<title>{escape(run.about['profile'])}: {'broken' if verdict.broken else 'kept'} (framewatch soak)</title>\n"
            f"<style>\n{(HERE / 'page.css').read_text()}</style>\n<main>\n" + "\n".join(sections) + "\n</main>\n")


def header(verdict):
    run = verdict.run
    broken = "".join(f"<li>Broken: {escape(one.name)}. {escape(one.figure)}; promised: {escape(one.promised)}</li>"
                     for one in verdict.broken)
    kept = "All promises kept" if run.is_over else "All promises kept so far"
    return (f'<header><p class="brand">framewatch soak</p><h1>{escape(run.about["profile"])}</h1>'
            f'<p class="circumstances">{escape(words.headline(run))}</p>'
            f'<div class="verdict {"broken" if broken else ""}">{f"<ul>{broken}</ul>" if broken else kept}</div></header>')


def tiles(verdict):
    detection, recovery = distribution(verdict.detections), distribution(verdict.recoveries)
    shares = [share for share in verdict.shares.values() if share is not None]
    healed = sum(episode.end is not None for episode in verdict.episodes)
    memory = verdict.memory
    false = len(verdict.false_requests)
    shown = [
        (f"{min(shares) * 100:.2f}", "%", "available") if shares else ("–", "", "available"),
        (f"{len(verdict.episodes):,}", "", f"episodes, {'all' if healed == len(verdict.episodes) else f'{healed:,}'} healed"),
        (f"{detection['max']:.2f}", "s", "detection at worst") if verdict.detections else ("–", "", "detection"),
        (f"{recovery['p50']:.2f}", "s", f"recovery in the median, {recovery['max']:.1f} s at worst")
        if verdict.recoveries else ("–", "", "recovery"),
        (f"{len(verdict.requests):,}", "", f"requests, {false or 'none'} of them false"),
        (f"{memory.rise:+.{1 if abs(memory.rise) >= 10 else 2}f}", "MiB/h", "resident memory") if memory else ("–", "", "memory: too short a run"),
    ]
    return '<div class="tiles">' + "".join(
        f'<div class="tile"><b>{number} <i>{unit}</i></b><span>{label}</span></div>'
        for number, unit, label in shown) + "</div>"


def section(title, content, remark=""):
    small = f"<small>{escape(remark)}</small>" if remark else ""
    return f'<section><h2>{escape(title)}{small}</h2><div class="card">{content}</div></section>'


def legend(entries, kind=""):
    return '<p class="legend">' + "".join(
        f'<span><i class="{name} {kind}"></i>{escape(text)}</span>' for name, text in entries) + "</p>"


def every_second(run):
    kinds = panels.kinds(run)
    below = legend([(kind, kind) for kind in kinds], "fine") if kinds else ""
    return section("Every second of it", legend(STATES.items()) + below + strips.strips(run, kinds))


def over_time(verdict):
    kinds = panels.kinds(verdict.run)
    return section("Over time", legend([(kind, kind) for kind in kinds]) + panels.over_time(verdict))


def how_fast(verdict):
    limit = verdict.run.limits.get("recovery", RECOVERY_LIMIT)
    halves = [plots.histogram(values, at, title, distribution(values)) for values, at, title in (
        (verdict.detections, DETECTION_LIMIT, "Detection, from the last frame"),
        (verdict.recoveries, limit, "Recovery, once it is possible")) if values]
    if not halves:
        return ""
    return ('<section><h2>How fast</h2><div class="halves">'
            + "".join(f'<div class="card">{half}</div>' for half in halves) + "</div></section>")


def table(heads, rows):
    """Heads that begin with `#` are those of numbers."""
    kinds = [' class="number"' if head.startswith("#") else "" for head in heads]
    head = "".join(f"<th{kind}>{escape(head.lstrip('#'))}</th>" for kind, head in zip(kinds, heads))
    body = "".join("<tr>" + "".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, row)) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def promised(verdict):
    names = {True: "kept", False: "broken", None: "open"}
    return section("Promises", table(["Promise", "Promised", "Found", ""], [
        (escape(one.name), f'<span class="soft">{escape(one.promised)}</span>',
         escape(one.figure) + (f' <span class="soft">({escape(one.why)})</span>' if one.why else ""),
         f'<span class="mark {names[one.is_kept]}">{one.mark.lower()}</span>') for one in verdict.promises]))


def episodes(verdict):
    every = verdict.episodes
    if not every:
        return ""
    if len(every) <= SHOWN:
        return section("Episodes", episode_table(verdict, every))
    slowest = sorted(every, key=lambda one: float("inf") if one.recovery is None else one.recovery)[-SHOWN:]
    rest = f"<details><summary>All {len(every):,} episodes</summary>{episode_table(verdict, every)}</details>"
    return section("Episodes", episode_table(verdict, slowest[::-1]) + rest, f"the {SHOWN} slowest to recover")


def episode_table(verdict, shown):
    run = verdict.run
    several = len(run.cameras) > 1
    heads = ["#At", *["Camera"] * several, "What happened", "Diagnosis", "#Detected", "#Asked", "Remedy", "#Recovered"]
    return table(heads, [
        (plots.clock(one.begin, run.end), *[escape(one.camera)] * several, chips(one), escape(one.diagnosis),
         f"{one.detection:.2f} s" if one.detection is not None else "–", f"{len(one.requests)}", escape(one.remedy),
         f"{one.recovery:.2f} s" if one.recovery is not None else "–") for one in shown])


def chips(episode):
    return "".join(f'<span class="chip"><i class="{cause}"></i>{cause}</span>' for cause in episode.causes) or "–"


def network(run):
    """What the paths were told to do, and what came of it."""
    measured = {}
    for one in paths.measured(run):
        measured.setdefault(one.what, []).append(one)
    held = {}
    for path in run.paths:
        held.setdefault(path.what, []).append((path.begin, path.end))
    if not held:
        return ""
    rows = [(f"<code>{escape(what)}</code>", words.lasting(sum(end - begin for begin, end in spans)),
             f"{rate(run, spans):.1f}", *inside(what, measured.get(what, []))) for what, spans in held.items()]
    for what in dict.fromkeys(strike.what for strike in run.strikes):
        spans = [strike for strike in run.strikes if strike.what == what]
        rows.append((f'<span class="chip"><i class="{what}"></i>{what}</span> <span class="soft">{len(spans)} times</span>',
                     words.lasting(sum(one.end - one.begin for one in spans)), "–", "–", "–"))
    return section("The network", table(["What", "#For", "#FPS in the median", "#Loss inside", "#Delay inside"], rows),
                   "as told, and as a probe beside the stream found it")


def rate(run, spans):
    rates = []
    for camera in run.cameras:
        begins = iter(sorted(spans))
        current = next(begins)
        for begin, end, came in run.windows_of(camera):
            while current and current[1] < end:
                current = next(begins, None)
            if current and current[0] <= begin and came:
                rates.append(came / (end - begin))
    return median(rates) if rates else 0


def inside(what, found):
    if not found:
        return "–", "–"
    path = found[0].path
    return (f"{' / '.join(f'{one.loss * 100:.2f}' for one in found)} % <span class=soft>({path.loss_share * 100:.2f})</span>",
            f"{' / '.join(f'{one.delay:.1f}' for one in found)} ms <span class=soft>({path.delay * 1000:g})</span>")


def footer(run):
    about = run.about
    versions = ", ".join(f"{name} {version}" for name, version in (about.get("versions") or {}).items())
    kernel = f"Linux {about['kernel']}" if about.get("kernel") else ""
    facts = " · ".join(filter(None, [about.get("why"), kernel, versions, f"began {about.get('began', '')}"]))
    return f'<footer><p>{escape(facts)}</p><p>Again: <code>{escape(words.command(run))}</code></p></footer>'

# SPDX-License-Identifier: Apache-2.0
"""The tables of the page: promises, episodes, and the network."""

from html import escape
from statistics import median

import paths
import plots
import words

SHOWN = 20
"""Episodes that are shown at once."""


def table(heads, rows):
    """Heads that begin with `#` are those of numbers."""
    kinds = [' class="number"' if head.startswith("#") else "" for head in heads]

    def line(tag, cells):
        return "<tr>" + "".join(f"<{tag}{kind}>{cell}</{tag}>" for kind, cell in zip(kinds, cells)) + "</tr>"

    head = line("th", [escape(head.lstrip("#")) for head in heads])
    body = "".join(line("td", row) for row in rows)
    return f'<div class="wide"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>'


def soft(text):
    return f'<span class="soft">{escape(text)}</span>'


def chip(what):
    return f'<span class="chip"><i class="{what}"></i>{what}</span>'


def promises(verdict):
    names = {True: "kept", False: "broken", None: "open"}
    return table(["Promise", "Promised", "Found", ""], [
        (escape(one.name), soft(one.promised), escape(one.figure) + (soft(f" ({one.why})") if one.why else ""),
         f'<span class="mark {names[one.is_kept]}">{one.mark.lower()}</span>') for one in verdict.promises])


def episodes(verdict):
    """Where there are many, the slowest first, and all of them to unfold."""
    every = verdict.episodes
    if len(every) <= SHOWN:
        return told(verdict.run, every)
    slowest = sorted(every, key=lambda one: float("inf") if one.recovery is None else one.recovery)[-SHOWN:]
    return (told(verdict.run, slowest[::-1])
            + f"<details><summary>All {len(every):,} episodes</summary>{told(verdict.run, every)}</details>")


def told(run, shown):
    named = ["Camera"] if len(run.cameras) > 1 else []
    return table(["#At", *named, "What happened", "Diagnosis", "#Detected", "#Asked", "Remedy", "#Recovered"], [
        (plots.clock(one.begin, run.end), *[escape(one.camera) for _ in named],
         "".join(map(chip, one.causes)) or "–", escape(one.diagnosis), seconds(one.detection),
         f"{len(one.requests)}", escape(one.remedy), seconds(one.recovery)) for one in shown])


def seconds(number):
    return "–" if number is None else f"{number:.2f} s"


def network(run):
    """What the paths were told to do, and what came of it."""
    ways = paths.each_way(run).values()
    rows = [(f"<code>{escape(what)}</code>", held(spans), f"{rate(run, spans):.1f}",
             *inside([found[what] for found in ways if what in found]))
            for what, spans in grouped(run.paths).items()]
    rows += [(f"{chip(what)}{soft(f'{len(spans)} times')}", held(spans), "–", "–", "–")
             for what, spans in grouped(run.strikes).items()]
    return table(["What", "#For", "#FPS in the median", "#Loss inside", "#Delay inside"], rows)


def grouped(conditions):
    found = {}
    for one in conditions:
        found.setdefault(one.what, []).append((one.begin, one.end))
    return found


def held(spans):
    return words.lasting(sum(end - begin for begin, end in spans))


def rate(run, spans):
    """Of the windows that lie within, and that frames came in."""
    rates = []
    for camera in run.cameras:
        left = iter(spans)
        span = next(left)
        for begin, end, came in run.windows_of(camera):
            while span and span[1] < end:
                span = next(left, None)
            if span and span[0] <= begin and came:
                rates.append(came / (end - begin))
    return median(rates) if rates else 0


def inside(found):
    """What the probe found in each direction, and in brackets what the words say."""
    if not found:
        return "–", "–"
    path = found[0].path
    losses = " / ".join(f"{one.loss * 100:.2f}" for one in found)
    delays = " / ".join(f"{one.delay:.1f}" for one in found)
    return f"{losses} % {soft(f'({path.loss_share * 100:.2f})')}", f"{delays} ms {soft(f'({path.delay * 1000:g})')}"

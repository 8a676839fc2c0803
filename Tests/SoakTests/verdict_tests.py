#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is made of a soak's directory: verdict, exit status, page. scripts/test --only verdict_tests runs them alone."""

import contextlib
import io
import json
import re
import sys
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

CHECKOUT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(CHECKOUT / "Soak"))

import report  # noqa: E402
import view  # noqa: E402
from written import Soak  # noqa: E402


def failed():
    soak = Soak()
    soak.about["failure"] = "the receiver ended with status 139: see stderr.txt"
    return soak


def stray(text):
    soak = Soak()
    soak.errors = text
    return soak


def growing(what, an_hour):
    soak = Soak()
    level = getattr(soak, what)
    setattr(soak, what, lambda at: level(at) + int(an_hour * at / 3600))
    return soak


def leaking(an_hour, minutes):
    soak = Soak(minutes, every=10.0)
    soak.memory = lambda at: 40 + an_hour * at / 3600 + (at % 7) / 10
    return soak


def lying():
    """Its log says 10.0 s, and the samples that the frames had stopped before."""
    return Soak().zombie(100).silent(97, 100)


def blind():
    return Soak().silent(200, 230)


def stuttering(soak):
    for at in range(100, 500, 20):
        soak.silent(at, at + 8)
    return soak


def restless():
    return Soak().says(300, "reconnect_requested", reason="silence").says(301, "recovered", silence_seconds=1.0)


def blacked_out():
    """Detected in the dark, and healed 4 s after it."""
    soak = Soak(availability=99, recovery=5).struck("blackout", 200, 240).silent(200, 244)
    soak.says(210, "dead", silence_seconds=10.0).says(210, "reconnect_requested", reason="silence")
    return soak.says(243, "offer_received").says(244, "recovered", silence_seconds=44.0)


def relay_down():
    """With a zombie in the middle of it, which nobody can heal before it is back."""
    soak = Soak(availability=99, recovery=5).struck("relay-down", 200, 240).silent(205, 243)
    soak.phone.append((205, "phone_zombie", {}))
    soak.says(215, "dead", silence_seconds=10.0).says(215, "reconnect_requested", reason="silence")
    return soak.says(243, "recovered", silence_seconds=38.0)


def negotiating():
    """A phone that offers anew is owed 30 s until it is connected, and no frames are due before."""
    return Soak().silent(200, 220).says(201, "offer_received").says(219, "ice_state", state="connected")


KEPT, LOSSY = "KEPT", "delay 20ms 15ms loss gemodel 1% 10% 70% 0.1%"
TABLE = [
    ("nothing happens", Soak(availability=100), KEPT),
    ("a zombie is found and healed", Soak(availability=99, recovery=2).zombie(100), KEPT),
    ("a second is missing", Soak(availability=100).silent(100, 101.5), KEPT),
    ("a zombie in the last seconds is nobody's fault", Soak().zombie(595, detected=None), KEPT),
    ("a blackout is excused, and the recovery counts from its end", blacked_out(), KEPT),
    ("a relay that is down excuses what no recovery gets past", relay_down(), KEPT),
    ("a connection that is being made owes no frames yet", negotiating(), KEPT),
    ("an event on stderr is an event", stray('{"time":"2026-11-21T16:00:00.000Z","event":"x"}\n'), KEPT),
    ("a leak of half a MiB an hour", leaking(0.5, minutes=180), KEPT),
    ("a leak in a run that is too short to tell", leaking(5, minutes=60), KEPT),
    ("loss and delay as told", Soak().probed(LOSSY, 93_540, 20.6), KEPT),
    ("a rate adds queues of its own", Soak().probed("delay 80ms rate 500kbit", 60_000, 900.0), KEPT),
    ("the run itself broke", failed(), "BROKEN: run: the receiver ended with status 139"),
    ("frames are missing", stuttering(Soak(availability=90)), "BROKEN: availability: 73."),
    ("three seconds are missing", Soak(availability=100).silent(100, 103.5), "BROKEN: availability: 99.50 %"),
    ("frames are missing, and nothing is promised", stuttering(Soak()), KEPT),
    ("a zombie is found late", Soak().zombie(100, detected=10.2), "BROKEN: detection: 10.200 s"),
    ("the log says less than the samples", lying(), "BROKEN: detection: 13.0 s without a frame or a word"),
    ("a silence that nobody noticed", blind(), "BROKEN: detection: 30.0 s without a frame or a word"),
    ("a zombie that nobody noticed", Soak().zombie(100, detected=None), "BROKEN: detection"),
    ("a zombie is healed slowly", Soak(recovery=10).zombie(100, healed=15), "BROKEN: recovery: 15.0 s"),
    ("a zombie is never healed", Soak(recovery=10).zombie(100, healed=None), "BROKEN: recovery: not healed after 490"),
    ("a request although frames flow", restless(), "BROKEN: false reconnects: 1 of 1"),
    ("a leak of 2 MiB an hour", leaking(2, minutes=180), "BROKEN: memory: +2.0"),
    ("descriptors leak", growing("descriptors", 60), "BROKEN: descriptors"),
    ("threads leak", growing("threads", 60), "BROKEN: threads"),
    ("a complaint on stderr", stray("CRITICAL **: assertion failed\n"), "BROKEN: stray output: 1 lines"),
    ("more loss than told", Soak().probed(LOSSY, 90_000, 20.0), "BROKEN: loss inside: 10.00 % where the words say"),
    ("more delay than told", Soak().probed(LOSSY, 93_540, 25.0), "BROKEN: delay inside: 25.0 ms"),
    ("two at once", Soak(recovery=10).zombie(100, 10.3, 15), "BROKEN: detection: 10.300 s at worst of 1 "
     "(10.300 s by the phone's log), promised at most 10.1 s; recovery: 15.0 s"),
]


class VerdictTests(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)

    def outcome(self, program):
        """Its exit status, and what it says."""
        with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(said):
            return program([str(self.directory)]), said.getvalue()

    def test_each_broken_promise_is_named_in_the_first_line_and_fails_the_run(self):
        for name, soak, expected in TABLE:
            with self.subTest(name):
                soak.write(self.directory)
                status, _ = self.outcome(report.main)
                first = (self.directory / "report.txt").read_text().splitlines()[0]
                self.assertTrue(first.startswith(expected), first)
                self.assertEqual(status, 0 if expected == KEPT else 1)
                self.assertEqual(json.loads((self.directory / "report.json").read_text())["verdict"], first)

    def test_the_page_is_whole_and_needs_nothing_from_elsewhere(self):
        for soak in (Soak(), blacked_out(), Soak(180, 5.0).zombie(100).zombie(5000, 10.4)):
            soak.write(self.directory)
            self.outcome(report.main)
            page = (self.directory / "report.html").read_text()
            for picture in re.findall("<svg.*?</svg>", page, re.DOTALL):
                ElementTree.fromstring(picture)
            self.assertNotRegex(page, r"(src|href|url|import)\s*[=(]")
            self.assertNotRegex(page, r"\bnan\b|\binf\b|None")

    def test_a_directory_that_is_no_soak_is_refused(self):
        for text in (None, "", "[]", "{}", '{"profile": "x", "minutes": 1}'):
            if text is not None:
                (self.directory / "run.json").write_text(text)
            for program in (report.main, view.main):
                status, said = self.outcome(program)
                self.assertEqual((status, said.count("\n")), (64, 1), said)
                self.assertIn("is not a soak", said)

    def test_the_view_ends_with_the_verdict(self):
        for soak, expected in ((Soak(), 0), (Soak().zombie(100, detected=10.2), 1)):
            soak.write(self.directory)
            self.outcome(report.main)
            status, said = self.outcome(view.main)
            self.assertEqual(status, expected)
            self.assertIn("100 %", said)
            self.assertEqual(said.splitlines()[-1], (self.directory / "report.txt").read_text().splitlines()[0])


if __name__ == "__main__":
    unittest.main()

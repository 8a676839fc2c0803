#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a profile is read and drawn as, and what netem's words are understood as."""

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(CHECKOUT / "Soak"))

import netem  # noqa: E402
import profiles  # noqa: E402
import soak  # noqa: E402


class Drawing(unittest.TestCase):
    def test_moments_follow_each_other_to_the_very_end(self):
        table = profiles.read()
        for name, profile in table.items():
            for seed in range(5):
                # Some tenths are no sum of floats: a rest of nothing was once drawn for ever.
                moments = profiles.drawn(profile, table, seed, 1440)
                self.assertEqual([moment.end for moment in moments[:-1]], [moment.at for moment in moments[1:]], name)
                self.assertEqual((moments[0].at, moments[-1].end), (0, 86400))
                self.assertGreater(min(moment.seconds for moment in moments), 0)

    def test_a_seed_draws_the_same_again_and_another_does_not(self):
        table = profiles.read()
        draw = lambda seed: profiles.drawn(table["everything"], table, seed, 600)  # noqa: E731
        self.assertEqual(draw(1), draw(1))
        self.assertNotEqual(draw(1), draw(2))

    def test_each_path_of_the_table_is_one_that_tap_knows(self):
        for profile in profiles.read().values():
            for step in profile.steps:
                if step.what not in profiles.EVENTS and not step.what.startswith("any "):
                    netem.understood(step.what)


class Reading(unittest.TestCase):
    def read(self, text):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "mine.txt"
            path.write_text(text)
            return profiles.find(str(path))[0]

    def test_a_file_of_one_profile_needs_no_name(self):
        mine = self.read("30 delay 20ms  # slow\n5-10 blackout\nphone --deaf 2\npromise availability 50 %\n")
        self.assertEqual((mine.name, mine.phone, mine.limits), ("mine", ["--deaf", "2"], {"availability": 50}))
        self.assertEqual([step.what for step in mine.steps], ["delay 20ms", "blackout"])

    def test_a_mistake_is_named_with_its_line(self):
        for text, complaint in [
            ("soon delay 20ms", "mine.txt:1: 'soon' is neither seconds"), ("9-3 blackout", "seconds '9-3' go from"),
            ("\n60", "mine.txt:2: seconds, and then what?"), ("promise speed 3 s", "a promise is one of"),
            ("60 any clean, nowhere", "any 'nowhere' is none of"), ("60 any zombie-field", "has phone flags"),
            ("[a]\n60 any a", "leads back to itself"), ("", "there is no step"), ("[a]\n[b]\n60 x", "[a] has no step"),
        ]:
            with self.assertRaises(profiles.Mistake) as mistake:
                self.read(text)
            self.assertIn(complaint, str(mistake.exception))


class Words(unittest.TestCase):
    def test_they_are_understood_as_netem_does(self):
        path = netem.understood("delay 20ms 15ms loss gemodel 1% 10% 70% 0.1% rate 3mbit limit 50")
        self.assertEqual((path.delay, path.jitter, path.rate, path.limit), (0.02, 0.015, 3e6, 50))
        self.assertAlmostEqual(path.loss_share, 0.0645, places=4)
        self.assertEqual(netem.understood("loss 10%").loss_share, 0.1)

    def test_what_is_not_modelled_is_refused(self):
        for text in ["reorder 5%", "loss", "delay fast", "loss 10% 50%", "distribution pareto"]:
            with self.assertRaises(netem.NotUnderstood):
                netem.understood(text)


class Asking(unittest.TestCase):
    def test_what_cannot_be_meant_is_one_line_and_64(self):
        for words in [
            "", "--profile clean", "--minutes 5", "--profile nowhere --minutes 5", "--profile clean --minutes 0",
            "--profile clean --minutes long", "--profile clean --minutes 5 --cameras 17",
            "--profile clean --minutes 5 x",
            "--profile clean --minutes 5 --backend kvm", "--profile clean --minutes 5 --seed one",
        ]:
            errors = io.StringIO()
            with contextlib.redirect_stderr(errors):
                self.assertEqual(soak.main(words.split()), 64, words)
            self.assertRegex(errors.getvalue(), r"^soak: [^\n]+\n$")


if __name__ == "__main__":
    unittest.main()

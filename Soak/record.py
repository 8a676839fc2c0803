# SPDX-License-Identifier: Apache-2.0
"""What a run leaves behind: run.json, and files with one JSON object a line."""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path


class Record:
    """The directory of a run, and its clock, which stands at nought until the run begins."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.start = None

    @property
    def facts(self):
        return json.loads((self.directory / "run.json").read_text())

    def note(self, **facts):
        """Adds to run.json, which is whole at any time."""
        path = self.directory / "run.json"
        known = self.facts if path.exists() else {}
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(known | facts, indent=1) + "\n")
        os.replace(draft, path)

    def begin(self):
        self.start = now()
        self.note(began=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"))

    @property
    def at(self):
        return round(now() - self.start, 3) if self.start else 0.0

    def line(self, name, **fields):
        with open(self.directory / name, "a") as file:
            print(json.dumps(fields), file=file)


def now():
    """framewatch's own clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)

# SPDX-License-Identifier: Apache-2.0
"""One promise, and what became of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Promise:
    name: str
    promised: str
    figure: str
    is_kept: bool | None
    """`None`: not judged, and `why` says why."""
    why: str = ""

    @property
    def mark(self):
        return {True: "kept", False: "BROKEN", None: "not judged"}[self.is_kept]

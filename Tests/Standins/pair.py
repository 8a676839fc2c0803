#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A camera and a viewer that behave well, whatever happens around them, and count what gets through.

    pair.py ws://127.0.0.1:8080 [--token T] [--name pair] [--every 0.05]

The camera sends numbered offers and candidates in turn, the viewer candidates, and an answer to each offer. Prints
{"ready": true} when both ways work; a line on stdin, its end, SIGTERM or SIGINT stops it. Then it waits for what is on
its way, prints a JSON line of what was sent, received, lost and out of order, and exits 1 unless all came in order.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import time

import websockets

PATIENCE = 5


class Stream:
    """Messages of one kind in one direction, numbered from 1; number 0 is the sound check and does not count."""

    def __init__(self, kind, mark):
        self.kind, self.mark = kind, f"{mark} {kind} "
        self.sent = self.received = self.out_of_order = self.latest = 0
        self.numbers, self.delays, self.departures = set(), [], {}
        self.heard = asyncio.Event()

    def next(self):
        self.sent += 1
        self.departures[self.sent] = time.monotonic()
        return self.message(self.sent)

    def message(self, number):
        if self.kind in ("offer", "answer"):
            sdp = f"v=0\r\no=- {number} 1 IN IP4 127.0.0.1\r\ns={self.mark}{number}\r\n"
            return json.dumps({"type": self.kind, "sdp": sdp})
        candidate = f"candidate:{number} 1 udp 1 127.0.0.1 9 typ host {self.mark}{number}"
        return json.dumps({"type": "ice", "candidate": {"candidate": candidate, "sdpMLineIndex": 0, "sdpMid": "0"}})

    def take(self, text):
        """The number, where it is one of these messages."""
        if self.mark not in text:
            return None
        number = int(text.split(self.mark, 1)[1].split("\\", 1)[0].split('"', 1)[0])
        self.heard.set()
        if number:
            self.received += 1
            self.out_of_order += number <= self.latest
            self.latest = max(self.latest, number)
            self.numbers.add(number)
            self.delays.append(time.monotonic() - self.departures.pop(number, time.monotonic()))
        return number

    @property
    def lost(self):
        return self.sent - len(self.numbers)

    def report(self):
        return {"sent": self.sent, "received": self.received, "lost": self.lost, "out_of_order": self.out_of_order,
                "slowest_ms": round(max(self.delays, default=0) * 1000)}


class Pair:
    def __init__(self, camera, viewer, every):
        self.camera, self.viewer, self.every = camera, viewer, every
        mark = f"pair-{os.getpid()}"
        self.offers, self.camera_ice = Stream("offer", mark), Stream("ice", f"{mark}-camera")
        self.answers, self.viewer_ice = Stream("answer", mark), Stream("ice", f"{mark}-viewer")
        self.streams = {"offers": self.offers, "camera_ice": self.camera_ice,
                        "answers": self.answers, "viewer_ice": self.viewer_ice}
        self.stopping = asyncio.Event()

    async def at_camera(self):
        async for text in self.camera:
            self.answers.take(text) or self.viewer_ice.take(text)

    async def at_viewer(self):
        async for text in self.viewer:
            if isinstance(text, str) and (number := self.offers.take(text)) is not None:
                await self.viewer.send(self.answers.next() if number else self.answers.message(0))
            elif isinstance(text, str):
                self.camera_ice.take(text)

    async def check_sound(self):
        """An offer and its answer go through: from here on nothing may be lost."""
        for _ in range(50):
            await self.camera.send(self.offers.message(0))
            if await happens(self.answers.heard, 0.1):
                return
        sys.exit("pair.py: no offer and answer came through within 5 s")

    async def speak(self):
        ticks = 0
        while not self.stopping.is_set():
            await self.camera.send((self.camera_ice if ticks % 2 else self.offers).next())
            await self.viewer.send(self.viewer_ice.next())
            ticks += 1
            await happens(self.stopping, self.every)

    async def run(self):
        listening = [asyncio.create_task(self.at_camera()), asyncio.create_task(self.at_viewer())]
        await self.check_sound()
        print(json.dumps({"ready": True}), flush=True)
        speaking = asyncio.create_task(self.speak())
        await asyncio.wait([speaking, *listening], return_when=asyncio.FIRST_COMPLETED)
        end = time.monotonic() + PATIENCE
        while any(stream.lost for stream in self.streams.values()) and time.monotonic() < end:
            await asyncio.wait(listening, timeout=0.05)
        peers = {"camera": self.camera, "viewer": self.viewer}
        closed = {name: peer.close_code for name, peer in peers.items() if peer.closed}
        for task in (speaking, *listening):
            task.cancel()
        await asyncio.gather(speaking, *listening, return_exceptions=True)
        return closed

    def report(self, closed):
        streams = {name: stream.report() for name, stream in self.streams.items()}
        keys = ("sent", "received", "lost", "out_of_order")
        total = {key: sum(report[key] for report in streams.values()) for key in keys}
        print(json.dumps({**total, **streams, "closed": closed}), flush=True)
        return not closed and total["sent"] == total["received"] and not total["lost"] and not total["out_of_order"]


async def happens(event, within):
    """Whether it did in that time."""
    try:
        await asyncio.wait_for(event.wait(), within)
    except asyncio.TimeoutError:
        return False
    return True


def options():
    parser = argparse.ArgumentParser(description="A camera and a viewer that behave well, and count what gets through.")
    parser.add_argument("url")
    parser.add_argument("--token")
    parser.add_argument("--name", default="pair")
    parser.add_argument("--every", type=float, default=0.05)
    return parser.parse_args()


async def main():
    arguments = options()

    def connect(role):
        query = f"?token={arguments.token}" if arguments.token else ""
        return websockets.connect(f"{arguments.url.rstrip('/')}/{role}/{arguments.name}{query}", max_size=None)

    async with connect("viewer") as viewer, connect("camera") as camera:
        pair, loop = Pair(camera, viewer, arguments.every), asyncio.get_running_loop()
        with contextlib.suppress(PermissionError):  # /dev/null can't be waited for, and says nothing anyway.
            loop.add_reader(sys.stdin, pair.stopping.set)
        for stop in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(stop, pair.stopping.set)
        return pair.report(await pair.run())


try:
    sys.exit(not asyncio.run(main()))
except (OSError, asyncio.TimeoutError, websockets.InvalidHandshake) as failure:
    sys.exit(f"pair.py: {failure or type(failure).__name__}")

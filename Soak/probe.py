# SPDX-License-Identifier: Apache-2.0
"""A stream of small packets each way, beside the cameras' own, that measures what the path really does."""

import select
import socket
import statistics
import struct
import threading
import time
from contextlib import suppress

PORT = 7777
PACKET = struct.Struct("!IId")
TIMESTAMP, TIMESPEC = 35, struct.Struct("qq")
# What is younger than this when a step ends may have been on its way, and is not counted.
SETTLED = 1.0


class Way:
    """One direction: what was sent in the present step, and how long what arrived was on its way."""

    def __init__(self, name, source, target):
        self.name, self.source, self.target = name, source, target
        with target.inside():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, TIMESTAMP, 1)
        self.socket.bind(("", PORT))
        with source.inside():
            self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.clear(0)

    def clear(self, step):
        self.step, self.sent, self.delays = step, [], {}

    def send(self):
        now = time.time()
        self.sent.append(now)
        with suppress(OSError):  # There is no way just now, which is a packet lost.
            self.sender.sendto(PACKET.pack(self.step, len(self.sent) - 1, now), (self.target.address, PORT))

    def receive(self):
        data, notes, _, _ = self.socket.recvmsg(PACKET.size, 64)
        # The kernel's own time of arrival: ours is that of a busy thread.
        seconds, nanoseconds = TIMESPEC.unpack(notes[0][2])
        step, number, sent = PACKET.unpack(data)
        if step == self.step:
            self.delays[number] = seconds + nanoseconds / 1e9 - sent

    def figures(self):
        settled = [number for number, sent in enumerate(self.sent) if sent < time.time() - SETTLED]
        delays = [self.delays[number] * 1000 for number in settled if number in self.delays]
        return {"sent": len(settled), "received": len(delays),
                "delay_ms": round(statistics.fmean(delays), 2) if delays else None,
                "deviation_ms": round(statistics.pstdev(delays), 2) if delays else None}


class Probe(threading.Thread):
    def __init__(self, record, hosts, interval):
        super().__init__(daemon=True)
        self.record, self.interval = record, interval
        self.ways = [Way("to-receiver", hosts.camera, hosts.receiver), Way("to-camera", hosts.receiver, hosts.camera)]
        self.lock = threading.Lock()
        self.what, self.since, self.is_over = None, 0.0, False

    def run(self):
        due = time.monotonic()
        while not self.is_over:
            ready, _, _ = select.select([way.socket for way in self.ways], [], [], max(0, due - time.monotonic()))
            with self.lock:
                for way in self.ways:
                    if way.socket in ready:
                        way.receive()
                if due <= time.monotonic():
                    due = max(due + self.interval, time.monotonic())
                    for way in self.ways if self.what else []:
                        way.send()

    def step(self, what):
        """From now on the path is another one; `None` is no path at all."""
        with self.lock:
            for way in self.ways:
                if self.what and way.sent:
                    self.record.line(
                        "probe.jsonl", at=self.since, direction=way.name, what=self.what, **way.figures())
                way.clear(way.step + 1)
            self.what, self.since = what, self.record.at

    def stop(self):
        if self.is_alive():
            self.step(None)
            self.is_over = True
            self.join()

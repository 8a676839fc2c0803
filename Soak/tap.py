#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A link without netem: a program carries the packets between two TAP devices, and loses and delays them as told.

An approximation that follows sch_netem.c; words that it does not model it refuses.
"""

import fcntl
import gc
import heapq
import os
import random
import select
import struct
import subprocess
import sys
import time
from contextlib import suppress
from itertools import count

import netem

SET_INTERFACE, TAP, PLAIN = 0x400454CA, 0x0002, 0x1000
LONGEST_FRAME = 2**16


class TapLink:
    """Its two ends, and the program between them."""

    def __init__(self, receiver, camera):
        ends = [tap(host) for host in (receiver, camera)]
        self.carrier = subprocess.Popen(
            [sys.executable, __file__, *map(str, ends)], stdin=subprocess.PIPE, text=True, pass_fds=ends)
        for end in ends:
            os.close(end)

    def shape(self, words):
        netem.understood(words)
        print(words, file=self.carrier.stdin, flush=True)

    def close(self):
        self.carrier.stdin.close()
        self.carrier.wait()


def tap(host):
    with host.inside():
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(device, SET_INTERFACE, struct.pack("16sH22x", b"eth0", TAP | PLAIN))
    return device


class Direction:
    """What is on its way from one end to the other, by when it is due."""

    def __init__(self):
        self.path = netem.Path()
        self.queue = []
        self.numbers = count()
        self.is_bad = False
        self.latest = 0.0

    def shape(self, path):
        self.path, self.queue, self.is_bad = path, [], False

    def take(self, frame, now):
        path = self.path
        if self.loses() or len(self.queue) >= path.limit:
            return
        delay = self.delay()
        if path.rate:
            if self.queue:
                delay = max(0, delay - (self.latest - now))
                now = self.latest
            delay += len(frame) * 8 / path.rate
        due = now + delay
        self.latest = max(self.latest, due) if self.queue else due
        heapq.heappush(self.queue, (due, next(self.numbers), frame))

    def loses(self):
        bursts = self.path.bursts
        if not bursts:
            return random.random() < self.path.loss
        if random.random() < (bursts.recovers if self.is_bad else bursts.worsens):
            self.is_bad = not self.is_bad
        return random.random() < (bursts.bad_loss if self.is_bad else bursts.good_loss)

    def delay(self):
        path = self.path
        spread = random.gauss(0, 1) if path.is_normal else random.uniform(-1, 1)
        return max(0, path.delay + path.jitter * spread)

    def due(self, now):
        while self.queue and self.queue[0][0] <= now:
            yield heapq.heappop(self.queue)[2]


def carry(ends):
    """Until the standard input, where the words come from, ends."""
    directions = {ends[0]: Direction(), ends[1]: Direction()}
    others = {ends[0]: ends[1], ends[1]: ends[0]}
    while True:
        dues = [direction.queue[0][0] for direction in directions.values() if direction.queue]
        patience = max(0, min(dues) - time.monotonic()) if dues else None
        ready, _, _ = select.select([*ends, sys.stdin], [], [], patience)
        for end in ready:
            if end is not sys.stdin:
                directions[end].take(os.read(end, LONGEST_FRAME), time.monotonic())
            elif words := sys.stdin.readline():
                for direction in directions.values():
                    direction.shape(netem.understood(words))
            else:
                return
        for end, direction in directions.items():
            for frame in direction.due(time.monotonic()):
                try:
                    os.write(others[end], frame)
                except OSError:
                    pass  # The device is down, or its queue is full: the frame is lost.


if __name__ == "__main__":
    gc.disable()
    random.seed()
    # A kernel's netem waits for no program's turn; nor do we, where we may.
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    carry([int(end) for end in sys.argv[1:]])

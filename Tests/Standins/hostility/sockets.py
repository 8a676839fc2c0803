# SPDX-License-Identifier: Apache-2.0
"""Connections that are begun and not gone through with."""

import asyncio
import json
import time

from .group import ANYTHING, TURNED_AWAY
from .messages import CAMERA, CUT_SILENCE, VIEWER
from .wire import BINARY, frame, handshake

#: A handshake has 10 s, and some patience.
CUT_HANDSHAKE = 15
#: Who takes nothing of an answer has 30 s, and some patience.
CUT_STALL = 35


async def half_open(group):
    """Sockets that vanish at every wrong moment."""
    whole = handshake(group.relay.with_token(CAMERA), "relay")

    async def vanish(data, reset):
        wire = await group.dial()
        wire.send(data)
        wire.drop(reset)

    async def vanish_inside(path, data, reset):
        wire = await group.connect(path)
        wire.send(data)
        wire.drop(reset)

    handshakes = [b"", whole[:1], whole[:60], whole[:-2], whole, whole + frame(b"{}"), whole + b"\x81"]
    words = [b"", b"\x81", b"\x81\xfe", frame(b"x" * 500)[:100], frame(bytes(2**20), BINARY)[:2**19]]
    for _ in range(10):
        attempts = [vanish(data, reset) for data in handshakes for reset in (True, False)]
        attempts += [vanish_inside(path, data, reset)
                     for path in (CAMERA, VIEWER) for data in words for reset in (True, False)]
        await group.all(attempts)
        group.inputs += len(attempts)


async def ghosts(group):
    """Viewers that are gone when they are told the camera's status, which is before anything is read from them."""
    camera = await group.connect("/camera/ghosts")
    camera.send(frame(b'{"type":"status","status":"recording"}'))
    await camera.verdict()
    before = await peers(group)
    for _ in range(15):
        group.run_from(handshake(group.relay.with_token("/viewer/ghosts"), "relay"))
        await peers(group)
    end = time.monotonic() + 5
    while (after := await peers(group)) > before and time.monotonic() < end:
        pass
    group.expect("15 viewers that ran away", f"{max(0, after - before)} still there", {"0 still there"})
    group.inputs += 14
    camera.drop()


async def peers(group):
    """How many cameras and viewers there are."""
    status = json.loads(await group.ask("/status"))
    return status["cameras"] + status["viewers"]


async def slow(group):
    """Everybody who takes all the time in the world, all at once."""
    camera, viewer = "/camera/slow", "/viewer/slow"
    whole = handshake(group.relay.with_token(camera), "relay")
    status = f"GET {group.relay.with_token('/status')} HTTP/1.1\r\nHost: relay\r\n\r\n".encode()
    post = b"POST /control/start HTTP/1.1\r\nHost: relay\r\nContent-Length: 1000000\r\n\r\n"

    async def trickle(wire, data, until):
        """A byte each half second; whether it was cut off."""
        end = time.monotonic() + until
        for byte in data:
            wire.send(bytes([byte]))
            if await wire.is_cut(0.5):
                return True
            if time.monotonic() > end:
                return False
        return await wire.is_cut(end - time.monotonic())

    async def handshake_of(what, data, http=False):
        wire = await group.dial(http)
        cut = await trickle(wire, data, CUT_HANDSHAKE)
        group.expect(f"{what} for {CUT_HANDSHAKE} s", "cut off" if cut else "kept", {"cut off"})
        wire.drop()

    async def after(what, requests):
        """Asks, and then has all the time in the world to read the answers, or to ask for more."""
        wire = await group.dial(http=True, receive_buffer=4096)
        wire.send(requests)
        if requests.count(b"\r\n\r\n") > 1:
            wire.writer.transport.pause_reading()
            await asyncio.sleep(CUT_STALL)
            wire.writer.transport.resume_reading()
            # What was answered before the cut comes first, a small window at a time.
            cut = await wire.is_cut(12)
        else:
            cut = await wire.is_cut(CUT_HANDSHAKE)
        group.expect(what, "cut off" if cut else "kept", {"cut off"})
        wire.drop()

    async def silence(path):
        wire = await group.connect(path, deaf=True)
        wire.writer.transport.resume_reading()
        cut = await wire.is_cut(CUT_SILENCE)
        group.expect(f"{path} open, and silence for {CUT_SILENCE} s", "cut off" if cut else "kept", {"cut off"})
        wire.drop()

    async def slow_frames(path):
        wire = await group.connect(path)
        for byte in frame(b"x" * 100, BINARY)[:30]:
            wire.send(bytes([byte]))
            await asyncio.wait([wire.ended], timeout=0.5)
        group.expect(f"{path} a frame in 15 s", "kept" if not wire.ended.done() else wire.ended.result(), ANYTHING)
        wire.drop()

    attempts = [handshake_of("a handshake byte by byte", whole) for _ in range(20)]
    attempts += [handshake_of("a request byte by byte", whole, http=True) for _ in range(10)]
    attempts += [handshake_of("nothing", b"", http=on_http) for _ in range(10) for on_http in (False, True)]
    attempts += [handshake_of("a body byte by byte", post + bytes(1000), http=True) for _ in range(5)]
    attempts += [after("an answer, and no further request", status) for _ in range(10)]
    attempts += [after("50,000 requests, and no answer read", status * 50_000)]
    attempts += [silence(path) for path in (camera, viewer)]
    attempts += [slow_frames(path) for path in (camera, viewer)]
    await group.all(attempts)


async def burst(group):
    """2,000 connections, held at once as far as the relay lets them, and then all dropped."""
    crowd = [group.relay.source() for _ in range(50)]

    async def come(number):
        # Half of them come from one address, which is then no longer listened to.
        wire = await group.dial(source=crowd[0] if number % 2 else crowd[number % len(crowd)])
        if number % 4 < 2:
            wire.send(handshake(group.relay.with_token(f"/viewer/crowd-{number}"), "relay"))
        return wire

    async def answer(number, wire):
        if wire is None:
            return group.expect("a connection", "gone", TURNED_AWAY)
        status, head = await wire.head(1) if number % 4 < 2 else ("held", b"")
        group.expect("one of 2,000", status, TURNED_AWAY | {101, "held", "mute"})
        if isinstance(status, int) and status != 101:
            group.insist(f"turned away without a line of JSON: {head}", is_json_line(await wire.rest(1)))

    wires = await group.all(come(number) for number in range(2000))
    await group.all(answer(*one) for one in enumerate(wires))
    for number, wire in enumerate(wires):
        if wire:
            wire.drop(reset=number % 3 == 0)


async def crowd(group):
    """More silence than the relay has patience for, from a few addresses, and among it somebody who asks."""
    # Over TCP they are more than the relay has places for; with TLS each could hold a thread.
    wires = []
    for addresses in [3] if group.relay.is_secure else [8, 8]:
        sources = [group.relay.source() for _ in range(addresses)]
        wires += await group.all(group.dial_in_silence(source) for source in sources for _ in range(20))
    told = await group.ask("/status")
    group.expect("/status in a crowd", "told" if told else "not told", {"told"})
    # What is answered once the crowd has been sent away was not answered in it.
    group.expect("silence", "cut off" if await wires[-1].is_cut(0.1) else "kept", {"kept"})
    group.inputs += len(wires) - 2
    for wire in wires:
        wire.drop()


def is_json_line(body):
    try:
        return isinstance(json.loads(body), dict) and body.count(b"\n") <= 1
    except ValueError:
        return False

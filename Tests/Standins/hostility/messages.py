# SPDX-License-Identifier: Apache-2.0
"""Messages that are no messages, in frames that are in order."""

import asyncio
import json
import string
import time

from .corpus import BAD_UTF8, MESSAGES, NOT_JSON, PHONES_OFFER, STRANGE_JSON, offer, with_wrong_fields
from .group import OPEN
from .wire import BINARY, TEXT, frame

TEXT_LIMIT, PICTURE_LIMIT = 256 * 1024, 4 * 1024 * 1024
CAMERA, VIEWER = "/camera/hostile", "/viewer/hostile"
OTHER_END = {CAMERA: VIEWER, VIEWER: CAMERA}
TOO_LONG, NOT_UTF8, FLOODING = {1009}, {1007}, {1008}
#: Who is silent is asked after 10 s and given up 10 s later, with some patience.
CUT_SILENCE = 27


async def texts(group):
    """What is no JSON, and JSON that no one would write."""
    inputs = [(repr(text[:40]), frame(text), OPEN) for text in NOT_JSON + STRANGE_JSON]
    inputs += [(f"bad UTF-8 {text}", frame(text), NOT_UTF8) for text in BAD_UTF8]
    longest = b'{"x":"' + b"x" * (TEXT_LIMIT - 8) + b'"}'
    inputs += [("the longest text", frame(longest), OPEN), ("a byte more", frame(longest + b" "), TOO_LONG),
               ("a string of 1 MiB", frame(offer(b"x" * 2**20)), TOO_LONG)]
    for path, other in OTHER_END.items():
        async with group.witness(other):
            await group.say(path, inputs)


async def fields(group):
    """Every field of every message, with everything that it should not be."""
    inputs = [(json.dumps(wrong)[:80], frame(json.dumps(wrong).encode()), OPEN)
              for message in MESSAGES for wrong in with_wrong_fields(message)]
    for path, other in OTHER_END.items():
        async with group.witness(other):
            await group.say(path, inputs)


def descriptions(dice):
    lines, phones = PHONES_OFFER, "\r\n".join(PHONES_OFFER) + "\r\n"
    yield from ("", "\r\n", "garbage", "v=0", phones.replace("\r\n", "\n"), phones.rstrip(), phones * 50)
    yield from ("x" * 200 * 1024, "a=" + "x" * 100_000 + "\r\n", "m=video 9\r\n" * 10_000, "\0" * 1000)
    yield from (phones + "m=video 9 RTP/AVP 96\r\n" * 500, phones.replace("9 UDP", "9" * 20 + " UDP"))
    yield phones.replace(" 96", " -1")
    yield "\r\n".join(line for line in lines if "fingerprint" not in line)
    yield "".join(map(chr, range(0x20, 0xd7ff, 7)))
    for _ in range(20):
        yield "".join(dice.choices(string.printable, k=2000))
        yield dice.randbytes(3000).decode("latin-1")
        yield "\r\n".join(dice.sample(lines, len(lines)))
        yield phones[:dice.randrange(len(phones))]


async def sdp(group):
    """Descriptions that describe nothing."""
    everything = list(descriptions(group.dice))
    for path, kind in ((CAMERA, "offer"), (VIEWER, "answer")):
        inputs = [(f"an {kind} of {text[:30]!r}", frame(json.dumps({"type": kind, "sdp": text}).encode()), OPEN)
                  for text in everything]
        huge = json.dumps({"type": kind, "sdp": "a=x\r\n" * 200_000}).encode()
        async with group.witness(OTHER_END[path]):
            await group.say(path, inputs + [(f"an {kind} of 1 MiB", frame(huge), TOO_LONG)])


async def binary(group):
    """Binary where text belongs and back, and pictures of every awkward size."""
    dice = group.dice
    sizes = [0, 1, 8, 999, 1000, 1001, PICTURE_LIMIT]
    inputs = [(f"{size} bytes", frame(bytes(size), BINARY), OPEN) for size in sizes]
    inputs += [("a message as binary", frame(b'{"command":"start"}', BINARY), OPEN),
               ("random bytes as text", frame(b"\xff" + dice.randbytes(2000), TEXT), NOT_UTF8)]
    inputs += [(f"{size} bytes", frame(bytes(size), BINARY), TOO_LONG) for size in (PICTURE_LIMIT + 1, 5 * 2**20)]
    for path, other, relayed in ((CAMERA, VIEWER, [1001, PICTURE_LIMIT]), (VIEWER, CAMERA, [])):
        async with group.witness(other) as witness:
            await group.say(path, inputs)
            await witness.verdict()
            got = [len(picture) for picture in witness.pictures]
            group.insist(f"of the pictures from {path} came {got}, expected {relayed}", got == relayed)


async def floods(group):
    """A thousand messages at once."""
    floods = [(CAMERA, offer(b"v=0"), TEXT), (CAMERA, b"rubbish", TEXT), (CAMERA, bytes(1001), BINARY),
              (VIEWER, b'{"type":"ice","candidate":null}', TEXT), (VIEWER, b'{"command":"start"}', TEXT),
              (VIEWER, b"", BINARY)]
    for path, payload, opcode in floods:
        wire = await group.connect(path)
        wire.send(frame(payload, opcode) * 1000)
        group.expect(f"{path} 1,000 times {payload[:30]}", await wire.verdict(), FLOODING)
        group.inputs += 999
        wire.drop()


async def deaf_viewers(group):
    """Viewers that never read, while a camera sends 100 pictures of 200 KiB."""
    deaf = [await group.connect(VIEWER, deaf=True) for _ in range(5)]
    camera = await group.connect(CAMERA)
    async with group.witness(VIEWER) as witness:
        for number in range(100):
            camera.send(frame(number.to_bytes(8, "little") + bytes(200 * 1024), BINARY))
            await camera.verdict(10)
        group.expect("100 pictures of 200 KiB", await camera.verdict(10), OPEN)
        group.inputs += 99
        await witness.verdict()
        numbers = [int.from_bytes(picture[:8], "little") for picture in witness.pictures]
        in_order = numbers == sorted(numbers) and numbers[-1:] == [99]
        group.insist(f"beside the deaf, the viewer that reads got the pictures {numbers}", in_order)
    camera.drop()
    await asyncio.gather(*(viewer.rest(0.2) for viewer in deaf))
    for viewer in deaf:
        viewer.drop()


async def late_reader(group):
    """A viewer that reads only after it was sent more than may wait for it: what then comes must still be in one piece."""
    viewer = await group.connect(VIEWER, deaf=True)
    camera = await group.connect(CAMERA)
    for number in range(260):
        # With its header it fills a record of TLS, so that what the socket does not take is a whole picture.
        camera.send(frame(number.to_bytes(8, "little") + bytes(16_372), BINARY))
        await asyncio.wait([camera.ended], timeout=0.011)
    camera.send(frame(b"\xff" * 8 + bytes(PICTURE_LIMIT - 8), BINARY))
    camera.send(frame(b'{"type":"status","status":"recording"}'))
    group.expect("260 pictures and a large one", await camera.verdict(10), OPEN)
    group.inputs += 260
    viewer.writer.transport.resume_reading()
    viewer.listen()
    group.insist(f"the late reader's socket: {viewer.ended}", await viewer.verdict(10) == "open")
    numbers = [int.from_bytes(picture[:8], "little") for picture in viewer.pictures]
    group.insist(f"the late reader got the pictures {numbers}", numbers and numbers == sorted(numbers))
    statuses = [text for text in viewer.texts if b"recording" in text]
    group.insist(f"the late reader was told {viewer.texts}", len(statuses) == 1)
    for wire in (camera, viewer):
        wire.drop()


async def unread_texts(group):
    """Viewers that never read, and more text than may wait for them: they are let go, though they hold on."""
    deaf = [await group.connect(f"{VIEWER}-unread-{number}", deaf=True) for number in range(4)]
    cameras = [await group.connect(f"{CAMERA}-unread-{number}") for number in range(4)]
    for camera in cameras:
        camera.send(frame(offer(b"x" * 200_000)) * 50)
        group.expect("50 offers of 200 kB", await camera.verdict(30), OPEN)
        group.inputs += 49
    await let_go(group, deaf, within=10)
    for wire in deaf + cameras:
        wire.drop()


async def drowned_viewers(group):
    """Viewers that are silent and take no picture while pictures come: they are let go like all who are silent."""
    buffers = (2048, 4096, 8192, 30_000)
    deaf = [await group.connect(f"/viewer/drowned-{size}", deaf=True, receive_buffer=buffer)
            for size in range(4) for buffer in buffers]
    cameras = [await group.connect(f"/camera/drowned-{size}") for size in range(4)]
    end = time.monotonic() + CUT_SILENCE
    while time.monotonic() < end:
        for size, camera in enumerate(cameras):
            camera.send(frame(bytes(3000 + 9000 * size), BINARY))
        await asyncio.wait([camera.ended for camera in cameras], timeout=0.02)
    await let_go(group, deaf, within=1)
    for wire in deaf + cameras:
        wire.drop()


async def let_go(group, deaf, within):
    end = time.monotonic() + within
    while any(viewer.is_held for viewer in deaf) and time.monotonic() < end:
        await asyncio.wait([viewer.ended for viewer in deaf], timeout=0.1)
    for viewer in deaf:
        group.expect("a viewer that does not read", "held" if viewer.is_held else "let go", {"let go"})

# SPDX-License-Identifier: Apache-2.0
"""Frames that RFC 6455 forbids, or allows and nobody tries."""

from .group import ANYTHING, OPEN
from .messages import CAMERA, FLOODING, NOT_UTF8, TOO_LONG, VIEWER
from .wire import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, close, frame, masked

BROKEN = {1002}
MESSAGE = b'{"type":"ice","candidate":null}'


def fragments(payload, pieces, between=b"", opcode=TEXT):
    """The payload in that many frames, with something between each two."""
    cuts = [len(payload) * index // pieces for index in range(pieces + 1)]
    parts = [payload[start:end] for start, end in zip(cuts, cuts[1:])]
    return between.join(frame(part, CONTINUATION if index else opcode, fin=index == pieces - 1)
                        for index, part in enumerate(parts))


def allowed():
    ping = frame(b"between", PING)
    yield "a message in 5 fragments", fragments(MESSAGE, 5), OPEN
    yield "a message in 10 fragments with pings between", fragments(MESSAGE, 10, ping), OPEN
    yield "a letter cut in two", fragments('{"type":"status","status":"é"}'.encode(), 30), OPEN
    empty = frame(b"", CONTINUATION, fin=False)
    yield "1,000 empty fragments", frame(fin=False) + empty * 1_000 + frame(b"", CONTINUATION), OPEN
    yield "pongs that nobody asked for", frame(b"what?", PONG) * 50, OPEN
    yield "pings of 125 bytes", frame(bytes(125), PING) * 50, OPEN
    yield "500 pings", frame(b"", PING) * 500, OPEN | FLOODING
    yield "500 pongs", frame(b"", PONG) * 500, OPEN | FLOODING
    yield "20,000 empty fragments", frame(fin=False) + empty * 20_000 + frame(b"", CONTINUATION), OPEN | FLOODING
    yield "a frame byte by byte", b"".join(frame(bytes([byte]), PONG) for byte in range(150)), OPEN


def forbidden():
    start = frame(MESSAGE[:5], fin=False)
    yield "a continuation of nothing", frame(MESSAGE, CONTINUATION), BROKEN
    yield "an unfinished continuation of nothing", frame(MESSAGE, CONTINUATION, fin=False), BROKEN
    yield "a message inside another", start + frame(MESSAGE), BROKEN
    yield "a second first fragment", start + frame(MESSAGE, BINARY, fin=False), BROKEN
    yield "no mask", frame(MESSAGE, mask=False), BROKEN
    yield "a ping without a mask", frame(b"", PING, mask=False), BROKEN
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        yield f"opcode {opcode}", frame(MESSAGE, opcode), BROKEN
    for bits in range(1, 8):
        yield f"reserved bits {bits:03b}", frame(MESSAGE, reserved=bits), BROKEN
    for opcode in (CLOSE, PING, PONG):
        yield f"control frame {opcode} of 126 bytes", frame(b"\x03\xe8" + bytes(124), opcode), BROKEN
        yield f"control frame {opcode} in fragments", frame(b"", opcode, fin=False), BROKEN
    yield "a ping of 1 MiB", frame(bytes(2**20), PING), BROKEN
    for code in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535):
        yield f"close code {code}", close(code), BROKEN
    yield "half a close code", frame(b"\x03", CLOSE), BROKEN
    yield "a close reason that is not UTF-8", close(1000, b"\xff"), BROKEN | NOT_UTF8
    yield "a length of 2^63", frame(MESSAGE, length=2**63, width=64), BROKEN | TOO_LONG
    yield "a length of 2^64 - 1", frame(MESSAGE, length=2**64 - 1, width=64), BROKEN | TOO_LONG
    yield "a short length in 16 bits", frame(MESSAGE, width=16), BROKEN
    yield "a short length in 64 bits", frame(MESSAGE, width=64), BROKEN
    block = b"x" * 2**16
    yield "fragments that add up", frame(block, fin=False) + frame(block, CONTINUATION, fin=False) * 10, TOO_LONG


def undecided(dice):
    """Where nothing follows, or what follows is too late."""
    yield "a length of 2^63 - 1", frame(MESSAGE, length=2**63 - 1, width=64), ANYTHING
    yield "more promised than sent", frame(MESSAGE, length=5000), ANYTHING
    yield "4 MiB promised, none sent", frame(b"", BINARY, length=4 * 2**20), ANYTHING
    yield "fragments that never end", frame(MESSAGE, fin=False), ANYTHING
    yield "half a header", b"\x81", ANYTHING
    yield "a mask that changes its mind", frame(MESSAGE) + masked(MESSAGE), ANYTHING
    yield "words after the goodbye", close(1000) + frame(MESSAGE) * 100, ANYTHING
    yield "two goodbyes", close(1000) * 2, ANYTHING
    for size in (1, 2, 3, 10, 100, 1000, 10_000, 100_000):
        yield f"{size} random bytes", dice.randbytes(size), ANYTHING


async def frames(group):
    """Every rule of the framing, broken once."""
    for path in (CAMERA, VIEWER):
        await group.say(path, [*allowed(), *forbidden(), *undecided(group.dice)])
    wire = await group.connect(CAMERA)
    wire.send(fragments(MESSAGE, 10, frame(b"between", PING)))
    group.expect("pings between fragments", await wire.verdict(), OPEN)
    group.insist(f"of 9 pings between fragments {wire.pongs - 1} were answered", wire.pongs == 10)
    wire.drop(reset=False)

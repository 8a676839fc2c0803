# SPDX-License-Identifier: Apache-2.0
"""Messages that are no messages, in frames that are in order."""

import asyncio
import json
import string

from .group import OPEN
from .wire import BINARY, TEXT, frame

TEXT_LIMIT, PICTURE_LIMIT = 256 * 1024, 4 * 1024 * 1024
CAMERA, VIEWER = "/camera/hostile", "/viewer/hostile"
OTHER_END = {CAMERA: VIEWER, VIEWER: CAMERA}
TOO_LONG, NOT_UTF8, FLOODING = {1009}, {1007}, {1008}

NOT_JSON = [
    b"", b" ", b"\r\n\t ", b"nul", b"True", b"undefined", b"NaN", b"-Infinity", b"+1", b"01", b".5", b"1.", b"1e", b"0x10",
    b"--1", b'"', b'"\\"', b"'a'", b"[", b"]", b"[1,]", b"[,1]", b"[1 2]", b"{", b"}", b'{"', b'{"type"', b'{"type":',
    b'{"type":"offer"', b'{"type":"offer",', b'{"type":"offer","sdp":"', b'{"type":"offer","sdp":"v=0",}', b"{,}", b'{"a" 1}',
    b"{'type':'offer'}", b'{type:"offer"}', b'{"type":"offer"} // said', b'/* */{"type":"offer","sdp":""}',
    b'# said\n{"type":"offer"}', b'\xef\xbb\xbf{"type":"offer","sdp":""}', b'{"type":"offer","sdp":"v=0"}x',
    b'{"type":"offer","sdp":"v=0"}{"type":"offer","sdp":"v=0"}', b'{"type":"offer","sdp":"v\x00=0"}', b"\x00", b"\x00{}",
    b'{"type":"offer","sdp":"v=0"}\x00', b'{"type":"offer","sdp":"v=0\r\n"}', b'{"type":"offer","sdp":"\\x41"}',
    b'{"type":"offer","sdp":"\\u12"}', b'{"type":"offer","sdp":"\\uZZZZ"}', b'{"type":"offer","sdp":"\\', b"\x1b[2J\x07",
]
STRANGE_JSON = [
    b"null", b"true", b"0", b"-0", b"1e999", b"-1e999", b"1e-999999999", b"9" * 400, b"0." + b"1" * 400, b"1" * 100_000,
    b'"text"', b"[]", b"{}", b"[[]]", b'{"":""}', b'{"type":""}', b'{"type":"offer"}', b'{"type":"OFFER","sdp":"v=0"}',
    b'{"type":"offer","sdp":1e999}', b'{"type":"offer","sdp":' + b"9" * 400 + b"}", b'{"type":"nonsense"}',
    b'{"type":"offer","type":"ice","sdp":"v=0"}', b'{"type":"ice","type":"offer","sdp":"v=0","sdp":7}',
    b'{"command":"start","command":{}}', b'{"__proto__":{"type":"offer"},"constructor":1,"toString":2}',
    b'{"type":"off\\u0000er","sdp":""}', b'{"type\\u0000":"offer","sdp":""}', b'{"type":"offer","sdp":"v=0\\u0000"}',
    b'{"type":"offer","sdp":"\\ud800"}', b'{"type":"offer","sdp":"\\udc00"}', b'{"type":"offer","sdp":"\\udc00\\ud800"}',
    b'{"type":"offer","sdp":"\\ud800x"}', b'{"\\ud83d":1}', b'{"type":"status","status":"\\u001b[2J\\r\\nforged"}',
    b'{"type":"reconnect_request","reason":"\\r\\n12:00:00 [INFO] forged"}', b'{"command":"start\\u0000\\n"}',
    '{"type":"status","status":"\u202egnp.\ufeff\ufffe"}'.encode(), b'{"type":"' + b"x" * 100_000 + b'"}',
    b'{"' + b"k" * 100_000 + b'":1}', b"{" + b",".join(b'"k%d":%d' % (n, n) for n in range(10_000)) + b"}",
    b'{"type":"offer","sdp":"' + b"x" * 255 * 1024 + b'"}', b'{"type":"offer","sdp":"' + b"\\u0041" * 40_000 + b'"}',
    b'{"type":"offer","sdp":"v=0","more":' + b"[" * 10_000 + b"]" * 10_000 + b"}", b"-" * 100_000, b"[" + b"," * 100_000 + b"]",
    *[opening * depth + closing * depth for depth in (33, 10_000)
      for opening, closing in ((b"[", b"]"), (b'{"":', b"}"), (b'{"a":[', b"]}"))],
    b"[" * 100_000 + b"]" * 100_000, b"[" * 100_000, b'{"":' * 60_000, b'[{"":' * 50_000, b" " * 200_000 + b"{}",
]
BAD_UTF8 = [b"\xff", b"\x80", b"\xc0\xaf", b"\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b'{"type":"offer","sdp":"\xfe"}']

REALISTIC_OFFER = [
    "v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1 2", "a=extmap-allow-mixed",
    "a=msid-semantic: WMS stream", "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 39 40", "c=IN IP4 0.0.0.0", "b=AS:2000",
    "a=rtcp:9 IN IP4 0.0.0.0", "a=ice-ufrag:Zx4b", "a=ice-pwd:o6hOcEcGGHEGhaIFNzyJ2pXr", "a=ice-options:trickle",
    "a=fingerprint:sha-256 " + ":".join(["7A"] * 32), "a=setup:actpass", "a=mid:0",
    "a=extmap:3 urn:3gpp:video-orientation",
    "a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", "a=sendonly", "a=rtcp-mux",
    "a=rtcp-rsize", "a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 goog-remb", "a=rtcp-fb:96 transport-cc", "a=rtcp-fb:96 nack pli",
    "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96", "a=rtpmap:102 H264/90000",
    "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", "a=rtpmap:103 rtx/90000",
    "a=fmtp:103 apt=102", "a=rtpmap:39 AV1/90000", "a=rtpmap:40 rtx/90000", "a=fmtp:40 apt=39", "a=ssrc:1234 cname:phone",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=mid:1", "a=rtpmap:111 opus/48000/2",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=mid:2", "a=sctp-port:5000",
    "a=candidate:1 1 udp 2122260223 6c2f.local 54321 typ host", "a=end-of-candidates",
]

#: Every message of the protocol, and what else was seen in the field.
MESSAGES = [
    {"type": "offer", "sdp": "v=0"}, {"type": "answer", "sdp": "v=0"},
    {"type": "ice", "candidate": {"candidate": "candidate:1 1 udp 1 127.0.0.1 9 typ host", "sdpMLineIndex": 0, "sdpMid": "0"}},
    {"type": "ice", "candidate": "candidate:1 1 udp 1 127.0.0.1 9 typ host", "sdpMLineIndex": 0, "sdpMid": "0"},
    {"type": "status", "status": "waiting"}, {"type": "camera_status", "cameraId": "1", "status": "waiting"},
    {"type": "reconnect_request", "reason": "No frames for 10s"}, {"command": "start"},
    {"type": "hello", "session": "hostile"}, {"type": "viewer_role", "role": "holder", "camera_present": True},
]
MISSING = object()
WRONG_VALUES = [MISSING, None, True, 7, -1, 1.5, 1e300, "", "x" * 2000, [], [[]], {}, {"type": "offer"}]


def with_wrong_fields(message):
    """The message again and again, each time with another field of it wrong."""
    for key, value in message.items():
        for wrong in WRONG_VALUES:
            changed = {**message, key: wrong}
            if wrong is MISSING:
                del changed[key]
            yield changed
        if isinstance(value, dict):
            yield from ({**message, key: changed} for changed in with_wrong_fields(value))


async def texts(group):
    """What is no JSON, and JSON that no one would write."""
    inputs = [(repr(text[:40]), frame(text), OPEN) for text in NOT_JSON + STRANGE_JSON]
    inputs += [(f"bad UTF-8 {text}", frame(text), NOT_UTF8) for text in BAD_UTF8]
    longest = b'{"x":"' + b"x" * (TEXT_LIMIT - 8) + b'"}'
    inputs += [("the longest text", frame(longest), OPEN), ("a byte more", frame(longest + b" "), TOO_LONG),
               ("a string of 1 MiB", frame(b'{"type":"offer","sdp":"' + b"x" * 2**20 + b'"}'), TOO_LONG)]
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


async def sdp(group):
    """Descriptions that describe nothing."""
    dice, lines = group.dice, REALISTIC_OFFER
    offer = "\r\n".join(lines) + "\r\n"
    descriptions = ["", "\r\n", "garbage", "v=0", offer.replace("\r\n", "\n"), offer.rstrip(), offer * 50, "x" * 200 * 1024,
                    "a=" + "x" * 100_000 + "\r\n", "m=video 9\r\n" * 10_000, offer + "m=video 9 RTP/AVP 96\r\n" * 500,
                    offer.replace("9 UDP", "99999999999999999999 UDP"), offer.replace(" 96", " -1"), "\0" * 1000,
                    "\r\n".join(line for line in lines if "fingerprint" not in line),
                    "".join(map(chr, range(0x20, 0xd7ff, 7)))]
    descriptions += ["".join(dice.choices(string.printable, k=2000)) for _ in range(20)]
    descriptions += [dice.randbytes(3000).decode("latin-1") for _ in range(20)]
    descriptions += ["\r\n".join(dice.sample(lines, len(lines))) for _ in range(30)]
    descriptions += [offer[:dice.randrange(len(offer))] for _ in range(20)]
    for path, kind in ((CAMERA, "offer"), (VIEWER, "answer")):
        inputs = [(f"an {kind} of {text[:30]!r}", frame(json.dumps({"type": kind, "sdp": text}).encode()), OPEN)
                  for text in descriptions]
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
    floods = [(CAMERA, b'{"type":"offer","sdp":"v=0"}', TEXT), (CAMERA, b"rubbish", TEXT), (CAMERA, bytes(1001), BINARY),
              (VIEWER, b'{"type":"ice","candidate":null}', TEXT), (VIEWER, b'{"command":"start"}', TEXT), (VIEWER, b"", BINARY)]
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

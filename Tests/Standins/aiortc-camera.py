#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A phone out of aiortc, which speaks the phone app's protocol.

    scripts/python Tests/Standins/aiortc-camera.py ws://127.0.0.1:8080/camera [--token T] [--codec vp8|h264]
        [--size 640x480] [--fps 30] [--candidates trickled|bundled] [--wrong-fingerprints N]

It offers whenever its socket opens, and again on `reconnect`; it dials again when the socket is lost; it opens a data
channel and answers pings. The first N of its offers name a certificate that is not its own. What happens is a JSON
line each:
    {"event": "open"}  {"event": "closed"}  {"event": "offered"}  {"event": "answered"}  {"event": "ping"}
    {"event": "state", "state": "connected"}  {"event": "command", "command": "reconnect"}
"""

import argparse
import asyncio
import contextlib
import fractions
import json
import re
import time

import websockets
from aiortc import (
    MediaStreamTrack, RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription,
)
from aiortc.sdp import candidate_from_sdp
from av import VideoFrame

PING, PONG = b"\0PING", b"\0PONG"
CANDIDATE = re.compile(r"a=(candidate:.*)\r\n")
FINGERPRINT = re.compile(r"(a=fingerprint:\S+ )(\S+)")
VIDEO_CLOCK = 90000


def say(event, **details):
    print(json.dumps({"event": event, **details}), flush=True)


class Gradient(MediaStreamTrack):
    """A slope of light that moves sideways. After a standstill it goes on with the present picture, as phones do."""

    kind = "video"

    def __init__(self, width, height, fps):
        super().__init__()
        self.width, self.height, self.interval = width, height, 1 / fps
        self.start = self.due = time.monotonic()
        self.slope = bytes(range(256)) * (width // 256 + 3)

    async def recv(self):
        self.due = max(self.due + self.interval, time.monotonic())
        await asyncio.sleep(self.due - time.monotonic())
        elapsed = self.due - self.start
        frame = VideoFrame(self.width, self.height, "yuv420p")
        light, *colors = frame.planes
        shift = int(elapsed * 100) % 256
        light.update(self.slope[shift:shift + light.line_size] * self.height)
        for color in colors:
            color.update(bytes([128]) * color.buffer_size)
        frame.pts, frame.time_base = int(elapsed * VIDEO_CLOCK), fractions.Fraction(1, VIDEO_CLOCK)
        return frame


class Phone:
    def __init__(self, options):
        self.options = options
        self.wrong_fingerprints = options.wrong_fingerprints
        self.peer = None

    async def run(self):
        while True:
            with contextlib.suppress(OSError, websockets.WebSocketException):
                async with websockets.connect(self.options.url) as self.relay:
                    say("open")
                    await self.offer()
                    async for text in self.relay:
                        await self.take(json.loads(text))
            say("closed")
            await asyncio.sleep(0.5)

    async def take(self, message):
        match message:
            case {"type": "answer", "sdp": sdp}:
                await self.peer.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
                say("answered")
            case {"type": "ice", "candidate": {"candidate": text, **place}} if text:
                candidate = candidate_from_sdp(text.removeprefix("candidate:"))
                candidate.sdpMid, candidate.sdpMLineIndex = place.get("sdpMid"), place.get("sdpMLineIndex")
                await self.peer.addIceCandidate(candidate)
            case {"command": command}:
                say("command", command=command)
                if command == "reconnect":
                    await self.offer()

    async def offer(self):
        if self.peer:
            await self.peer.close()
        self.peer = self.connection()
        await self.peer.setLocalDescription(await self.peer.createOffer())
        sdp = self.peer.localDescription.sdp
        if self.wrong_fingerprints:
            self.wrong_fingerprints -= 1
            sdp = FINGERPRINT.sub(lambda line: line[1] + ":".join(reversed(line[2].split(":"))), sdp)
        await self.send(sdp)
        say("offered")

    async def send(self, sdp):
        if self.options.candidates == "bundled":
            return await self.relay.send(json.dumps({"type": "offer", "sdp": sdp}))
        bare = CANDIDATE.sub("", sdp).replace("a=end-of-candidates\r\n", "")
        await self.relay.send(json.dumps({"type": "offer", "sdp": bare}))
        # The sections share one transport, and list the same.
        for candidate in dict.fromkeys(CANDIDATE.findall(sdp)):
            place = {"candidate": candidate, "sdpMLineIndex": 0, "sdpMid": "0"}
            await self.relay.send(json.dumps({"type": "ice", "candidate": place}))

    def connection(self):
        peer = RTCPeerConnection(RTCConfiguration(bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        width, height = map(int, self.options.size.split("x"))
        video = peer.addTransceiver(Gradient(width, height, self.options.fps), direction="sendonly")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        wanted = (f"video/{self.options.codec}", "video/rtx")
        video.setCodecPreferences([codec for codec in codecs if codec.mimeType.lower() in wanted])
        channel = peer.createDataChannel("control")
        peer.on("connectionstatechange", lambda: say("state", state=peer.connectionState))
        channel.on("message", lambda message: self.answer(channel, message))
        return peer

    def answer(self, channel, message):
        if message == PING:
            channel.send(PONG)
            say("ping")


def options():
    parser = argparse.ArgumentParser(description="A phone out of aiortc.")
    parser.add_argument("url")
    parser.add_argument("--token")
    parser.add_argument("--codec", choices=["vp8", "h264"], default="vp8")
    parser.add_argument("--size", default="640x480")
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--candidates", choices=["trickled", "bundled"], default="trickled")
    parser.add_argument("--wrong-fingerprints", type=int, default=0)
    options = parser.parse_args()
    if options.token:
        options.url += f"?token={options.token}"
    return options


with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(Phone(options()).run())

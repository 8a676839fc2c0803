#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A receiver that behaves as the first generation's did, to compare with: one viewer out of aiortc.

    scripts/python Tests/Standins/first-generation.py --relay ws://127.0.0.1:8080 [--token T] [--status-port 3001]

It looks each 3 s for how long there were no frames, says so from 5 s on, and takes a stream for dead at 10 s. Then it
asks for a reconnect, and only after that closes its connection and makes a new one. A phone that closes its end closes
this one, too, and an offer that meets a closed connection is lost. It waits 30 s for frames, and begins again where
none came.

Where it is not known what the first generation did, this one does what works: it dials a lost relay again, and an
offer that it did not ask for gets a fresh connection. What happens is a JSON line each, in framewatch's own words,
and `GET /metrics` on the status port has framewatch's counter of frames.
"""

import argparse
import asyncio
import contextlib
import json
import time
from datetime import UTC, datetime

import websockets
from aiortc import InvalidStateError, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp

POLL, WARN, STALL, WAIT = 3, 5, 10, 30
REDIAL = 2
COUNTED = 60


class Retransmissions(dict):
    """Whose packets they are: those of the only video, which was heard first.

    Phones say it in their offers, GStreamer's cameras do not. Without it aiortc drops them, and waits for each lost
    packet until 512 others have come, which is a minute of small pictures.
    """

    def __init__(self, receiver):
        self.receiver = receiver

    def get(self, _):
        return next(iter(self.receiver._RTCRtpReceiver__active_ssrc), None)


class Receiver:
    def __init__(self, options):
        self.camera = options.camera
        path = "/viewer" if self.camera == "default" else f"/viewer/{self.camera}"
        self.url = options.relay.rstrip("/") + path + (f"?token={options.token}" if options.token else "")
        self.relay = None
        self.peer = None
        self.counting = None
        self.frames = 0
        self.last_frame = time.monotonic()
        self.marked = None
        self.joined, self.arrived = asyncio.Event(), asyncio.Event()

    def say(self, event, level="info", **fields):
        time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        print(json.dumps({"time": time, "level": level, "event": event, "camera": self.camera, **fields}), flush=True)

    # Signaling

    async def dial(self):
        while True:
            with contextlib.suppress(OSError, asyncio.TimeoutError, websockets.WebSocketException):
                async with websockets.connect(self.url) as self.relay:
                    self.say("relay_joined")
                    self.joined.set()
                    async for text in self.relay:
                        if isinstance(text, str):
                            await self.take(json.loads(text))
            self.say("relay_lost", "warning")
            await asyncio.sleep(REDIAL)

    async def send(self, message):
        with contextlib.suppress(websockets.ConnectionClosed):
            if self.relay:
                await self.relay.send(json.dumps(message))

    async def take(self, message):
        match message:
            case {"type": "offer", "sdp": sdp}:
                self.say("offer_received")
                try:
                    await self.answer(sdp)
                except (InvalidStateError, ValueError) as mistake:
                    self.say("offer_refused", "error", reason="state", detail=str(mistake))
            case {"type": "ice", "candidate": {"candidate": text, **place}} if text:
                with contextlib.suppress(InvalidStateError, ValueError):
                    candidate = candidate_from_sdp(text.removeprefix("candidate:"))
                    candidate.sdpMid, candidate.sdpMLineIndex = place.get("sdpMid"), place.get("sdpMLineIndex")
                    await self.peer.addIceCandidate(candidate)

    async def answer(self, sdp):
        if self.peer.remoteDescription and self.peer.signalingState != "closed":
            await self.peer.close()
            self.prepare()
        peer = self.peer
        await peer.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        for receiver in peer.getReceivers():
            receiver._RTCRtpReceiver__rtx_ssrc = Retransmissions(receiver)
        await peer.setLocalDescription(await peer.createAnswer())
        await self.send({"type": "answer", "sdp": peer.localDescription.sdp})
        self.say("answer_sent")

    def prepare(self):
        self.peer = peer = RTCPeerConnection()
        peer.on("track", self.found)
        peer.on("connectionstatechange", lambda: self.say("connection_state", state=peer.connectionState))
        peer.on("iceconnectionstatechange", lambda: self.say("ice_state", state=peer.iceConnectionState))

    # Frames

    def found(self, track):
        if track.kind == "video":
            if self.counting:
                self.counting.cancel()
            self.counting = asyncio.create_task(self.count(track))

    async def count(self, track):
        with contextlib.suppress(MediaStreamError):
            while True:
                await track.recv()
                now = time.monotonic()
                if now - self.last_frame >= STALL:
                    self.say("recovered", silence_seconds=round(now - self.last_frame, 3))
                self.frames += 1
                self.last_frame = now
                self.arrived.set()
                if self.frames % COUNTED == 0:
                    rate = COUNTED / (self.last_frame - self.marked) if self.marked else 0.0
                    self.marked = self.last_frame
                    self.say("frames", total=self.frames, fps=round(rate, 2))

    async def watch(self):
        failures = attempts = 0
        while True:
            await asyncio.sleep(POLL)
            silence = time.monotonic() - self.last_frame
            if silence < WARN:
                failures = attempts = 0
            elif silence < STALL:
                failures += 1
                self.say("silent", "error", silence_seconds=round(silence, 3), failure=failures)
            else:
                attempts += 1
                self.say("dead", "error", silence_seconds=round(silence, 3))
                await self.reconnect(attempts)

    async def reconnect(self, attempt):
        self.arrived.clear()
        self.say("reconnect_requested", reason="silence")
        await self.send({"type": "reconnect_request", "reason": f"No frames for {STALL}s"})
        self.say("closing_peer")
        await self.peer.close()
        self.say("creating_peer")
        self.prepare()
        self.say("awaiting_reconnect", limit_seconds=WAIT)
        try:
            await asyncio.wait_for(self.arrived.wait(), WAIT)
        except asyncio.TimeoutError:
            self.say("reconnect_failed", "error", attempt=attempt)

    # How it fares

    async def serve(self, port):
        """Once the relay has been joined: whoever finds the port open finds a receiver that hears what is offered."""
        await self.joined.wait()
        await asyncio.start_server(self.report, "127.0.0.1", port)

    async def report(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await reader.readuntil(b"\r\n\r\n")
            text = f'framewatch_frames_total{{camera="{self.camera}"}} {self.frames}\n'
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\n"
                         b"Content-Length: %d\r\n\r\n%b" % (len(text), text.encode()))
            await writer.drain()
        writer.close()


async def main(options):
    receiver = Receiver(options)
    receiver.prepare()
    receiver.say("started", version="first-generation")
    serving = [receiver.serve(options.status_port)] if options.status_port else []
    await asyncio.gather(receiver.dial(), receiver.watch(), *serving)


def options():
    parser = argparse.ArgumentParser(description="A receiver as the first generation's.")
    parser.add_argument("--relay", required=True)
    parser.add_argument("--token")
    parser.add_argument("--camera", default="default")
    parser.add_argument("--status-port", type=int)
    return parser.parse_args()


with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(main(options()))

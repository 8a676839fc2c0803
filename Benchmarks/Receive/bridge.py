#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Has sender.c talk to `framewatch run`: its lines on one side, the cameras' sockets, log and metrics on the other.

    bridge.py PROGRAM

What passes here costs the service a few milliseconds of its first frame, and none of its processor time.
"""

import asyncio
import base64
import contextlib
import json
import os
import re
import struct
import sys
import tempfile
import urllib.request

FLAGS = """--bind 127.0.0.1 --ws-port 0 --http-port 0 --https-port 0 --token none --log-format json --log-level info"""


def say(line):
    print(line, flush=True)


class Camera:
    """A camera's socket."""

    def __init__(self, number, reader, writer):
        self.number, self.reader, self.writer = number, reader, writer

    @classmethod
    async def dial(cls, port, number):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET /camera/{number} HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        return cls(number, reader, writer)

    def send(self, payload, opcode=1):
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else struct.pack(">BH", 0x80 | 126, size)
        # The mask is nothing: it protects proxies, and there is none.
        self.writer.write(bytes([0x80 | opcode]) + length + bytes(4) + payload)

    async def listen(self):
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                opcode, size = await self.reader.readexactly(2)
                if size == 126:
                    size, = struct.unpack(">H", await self.reader.readexactly(2))
                payload = await self.reader.readexactly(size)
                if opcode & 0x0F == 9:
                    self.send(payload, opcode=10)
                elif opcode & 0x0F == 1:
                    self.take(json.loads(payload))

    def take(self, message):
        if message.get("type") == "answer":
            say(f"answer {self.number} " + message["sdp"].replace("\r\n", "\t"))
        elif message.get("type") == "ice":
            candidate = message["candidate"]
            say(f"ice {self.number} {candidate['sdpMLineIndex']} {candidate['candidate']}")


class Bridge:
    def __init__(self, service):
        self.service, self.ports, self.cameras, self.tasks = service, {}, {}, set()

    async def follow(self):
        """Until the service ends, which it does when there are no more lines to take."""
        async for line in self.service.stdout:
            entry = json.loads(line)
            if entry["event"] == "listening":
                scheme, port = re.match(r"(\w+)://.*:(\d+)", entry["url"]).groups()
                self.ports[scheme] = int(port)
                if len(self.ports) == 3:
                    self.start(self.take_lines())
            elif entry["event"] == "first_frame":
                say(f"first {entry['camera']}")

    def start(self, work):
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)

    async def take_lines(self):
        lines = asyncio.StreamReader(limit=2**20)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        async for line in lines:
            word, *rest = line.decode().rstrip("\n").split(" ", 2)
            if word == "count":
                say(f"frames {self.count()}")
                continue
            number, text = rest
            if number not in self.cameras:
                self.cameras[number] = await Camera.dial(self.ports["ws"], number)
                self.start(self.cameras[number].listen())
            self.cameras[number].send(json.dumps(Bridge.message(word, text)).encode())
        self.service.terminate()

    @staticmethod
    def message(word, text):
        if word == "offer":
            return {"type": "offer", "sdp": text.replace("\t", "\r\n")}
        section, candidate = text.split(" ", 1)
        return {"type": "ice", "candidate": {"candidate": candidate, "sdpMLineIndex": int(section)}}

    def count(self):
        metrics = urllib.request.urlopen(f"http://127.0.0.1:{self.ports['http']}/metrics").read().decode()
        return sum(int(float(total)) for total in re.findall(r"^framewatch_frames_total\S* (\S+)$", metrics, re.M))


async def main(program):
    with tempfile.TemporaryDirectory() as directory:
        service = await asyncio.create_subprocess_exec(
            program, "run", "--state-dir", directory, *FLAGS.split(), stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE)
        say(f"pid {service.pid}")
        await Bridge(service).follow()
        await service.wait()


asyncio.run(main(sys.argv[1]))

# SPDX-License-Identifier: Apache-2.0
"""Sockets to the relay, and just enough WebSocket to break its rules."""

import asyncio
import itertools
import socket
import ssl
import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
MASK = b"\x5a\xa5\x3c\xc3"


def masked(payload):
    keys = (MASK * (len(payload) // 4 + 1))[:len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(keys, "big")).to_bytes(len(payload), "big")


def frame(payload=b"", opcode=TEXT, fin=True, reserved=0, mask=True, length=None, width=None):
    """One frame. `length` is what its header says in `width` bits, true and short where nothing else is asked for."""
    length = len(payload) if length is None else length
    width = width or (7 if length < 126 else 16 if length < 2**16 else 64)
    head = bytes([fin << 7 | reserved << 4 | opcode])
    lengths = {7: lambda: bytes([length]), 16: lambda: struct.pack(">BH", 126, length),
               64: lambda: struct.pack(">BQ", 127, length)}
    size = lengths[width]()
    if not mask:
        return head + size + payload
    return head + bytes([size[0] | 0x80]) + size[1:] + MASK + masked(payload)


def close(code, reason=b""):
    return frame(struct.pack(">H", code) + reason, CLOSE)


def handshake(path, host, headers=()):
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
             "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *headers]
    return "\r\n".join(lines + ["", ""]).encode()


def trust_anybody():
    return ssl._create_unverified_context()


async def dial(address, source=None, receive_buffer=None, secure=False):
    """A connected socket, from the address `source` where one is given; a secure one trusts whoever answers."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    bare = socket.socket(family)
    try:
        bare.setblocking(False)
        bare.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer:
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            # As over a real network: the packets of lo hold 64 KiB, and so do the buffers.
            bare.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1460)
        if source:
            bare.bind((source, 0))
        await asyncio.wait_for(asyncio.get_running_loop().sock_connect(bare, address), 8)
        tls = {"ssl": trust_anybody(), "server_hostname": ""} if secure else {}
        shaking = asyncio.open_connection(sock=bare, **tls)
        reader, writer = await asyncio.wait_for(shaking, 8)
        return Wire(reader, writer)
    except BaseException:
        bare.close()
        raise


class Wire:
    """One connection, which may say what no library would let it."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.texts, self.pictures, self.pongs = [], [], 0
        self.ended = asyncio.get_running_loop().create_future()
        self._listening = None
        self._awaited = {}
        self._numbers = itertools.count()

    def send(self, data):
        if not self.writer.is_closing():
            self.writer.write(data)

    async def head(self, timeout=5):
        """The answer's status and head, or what came instead of it: "gone" or "mute"."""
        try:
            head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), timeout)
            return int(head.split(b" ", 2)[1]), head
        except asyncio.TimeoutError:
            return "mute", b""
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, ValueError, IndexError):
            return "gone", b""

    async def rest(self, timeout=2, most=2**20):
        """All that comes until the end, until nothing comes for `timeout`, or `most` bytes."""
        data = b""
        try:
            while len(data) < most and (more := await asyncio.wait_for(self.reader.read(65536), timeout)):
                data += more
        except (asyncio.TimeoutError, OSError):
            pass
        return data

    async def is_cut(self, within):
        """Whether the other end hangs up in that time; what else it says is read and forgotten."""
        end = asyncio.get_running_loop().time() + within
        try:
            while await asyncio.wait_for(self.reader.read(65536), end - asyncio.get_running_loop().time()):
                pass
        except asyncio.TimeoutError:
            return False
        except OSError:
            pass
        return True

    @property
    def is_held(self):
        """Whether the other end, which is on this machine, has not closed its socket."""
        host, port = self.writer.get_extra_info("sockname")[:2]
        mine = f"{socket.inet_aton(host)[::-1].hex().upper()}:{port:04X}"
        with open("/proc/net/tcp") as connections:
            fields = [line.split() for line in connections]
        return any(remote == mine and state == "01" for _, _, remote, state, *_ in fields)

    def listen(self):
        self._listening = asyncio.create_task(self._listen())

    async def verdict(self, timeout=5):
        """"open" where a ping is still answered; else the code that it was closed with, "gone" or "mute"."""
        payload = b"verdict %d" % next(self._numbers)
        answered = self._awaited[payload] = asyncio.get_running_loop().create_future()
        self.send(frame(payload, PING))
        await asyncio.wait([answered, self.ended], timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if self.ended.done():
            return self.ended.result()
        return "open" if answered.done() else "mute"

    def drop(self, reset=True):
        """Ends without a word, by a reset or a FIN."""
        if self._listening:
            self._listening.cancel()
        bare = self.writer.get_extra_info("socket")
        if reset and bare and bare.fileno() >= 0:
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.writer.transport.abort()
        self.writer.close()

    async def _listen(self):
        try:
            while not self.ended.done():
                first, second = await self.reader.readexactly(2)
                length = second & 127
                if length > 125:
                    length = int.from_bytes(await self.reader.readexactly(2 if length == 126 else 8), "big")
                self._took(first & 15, await self.reader.readexactly(length))
        except (asyncio.IncompleteReadError, OSError):
            self.ended.set_result("gone")

    def _took(self, opcode, payload):
        if opcode == TEXT:
            self.texts.append(payload)
        elif opcode == BINARY:
            self.pictures.append(payload)
        elif opcode == PING:
            self.send(frame(payload, PONG))
        elif opcode == PONG:
            self.pongs += 1
            if payload in self._awaited:
                self._awaited.pop(payload).set_result(True)
        elif opcode == CLOSE:
            self.ended.set_result(int.from_bytes(payload[:2], "big") if payload else 1005)

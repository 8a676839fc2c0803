# SPDX-License-Identifier: Apache-2.0
"""What strangers of one kind send, counted, and which expectations were broken."""

import asyncio
import collections
import contextlib
import ipaddress
import itertools
import json
import os
import random
import socket
import time
import urllib.parse

from .wire import dial, handshake, trust_anybody

#: Whatever happens, as long as the relay survives it.
ANYTHING = None
OPEN = {"open"}
#: A relay that is full or counts an address's connections says so, or hangs up.
TURNED_AWAY = {503, 429, "gone"}


class Refused(Exception):
    """A connection that should have been let in was not."""


class Relay:
    """Where the relay is, and how one gets in."""

    def __init__(self, url, http, token=None, pid=None):
        self.socket, self.http = Relay.address(url), Relay.address(http)
        self.is_secure = url.startswith("wss:")
        self.token, self.pid = token, pid
        self._sources = itertools.cycle(range(1, 250 * 250)) if self.socket[0].startswith("127.") else None

    @staticmethod
    def address(url):
        """Of this machine, or none: nobody else asked for this."""
        parts = urllib.parse.urlsplit(url)
        try:
            host = ipaddress.ip_address(parts.hostname or "")
        except ValueError:
            host = None
        if host is None or not (host in ipaddress.ip_network("127.0.0.0/8") if host.version == 4 else host.is_loopback):
            raise SystemExit(f"hostile.py: only against 127.0.0.0/8 or ::1, not {url}")
        return parts.hostname, parts.port or 80

    def source(self):
        """One of the many addresses that this machine has, so that each stranger comes from another."""
        if self._sources is None:
            return None
        number = next(self._sources)
        return f"127.66.{number // 250}.{number % 250 + 1}"

    @property
    def open_files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def with_token(self, path):
        return f"{path}?token={urllib.parse.quote(self.token)}" if self.token else path


class Group:
    #: How much a connection may say before the relay's limit of messages counts.
    LONGEST_SPEECH = 80

    def __init__(self, name, relay, seed, strict, verbose=False):
        self.name, self.relay, self.strict, self.verbose = name, relay, strict, verbose
        self.dice = random.Random(f"{seed} {name}")
        self.inputs = self.connections = 0
        self.outcomes, self.broken = collections.Counter(), []
        self.begun, self.seconds = time.monotonic(), 0.0
        #: The relay did not survive it, so none need follow.
        self.is_last = False

    def expect(self, what, outcome, allowed):
        """Counts an input by what came of it."""
        self.inputs += 1
        self.outcomes[outcome] += 1
        if self.verbose:
            print(f"{self.name}: {what}: {outcome}")
        expected = " or ".join(sorted(map(str, allowed or ()))) if len(allowed or ()) < 5 else "something else"
        self.insist(f"{what}: {outcome}, expected {expected}", not allowed or outcome in allowed)

    def insist(self, what, holds):
        if self.strict and not holds:
            self.broken.append(what)

    # Connections

    async def dial(self, http=False, source=None, receive_buffer=None):
        self.connections += 1
        address = self.relay.http if http else self.relay.socket
        return await dial(address, source or self.relay.source(), receive_buffer, self.relay.is_secure)

    async def dial_in_silence(self, source):
        """A connection that does not even shake hands for TLS."""
        self.connections += 1
        return await dial(self.relay.socket, source)

    def run_from(self, request):
        """Sends `request`, and is gone before it is answered: the answer meets a closed door."""
        self.connections += 1
        source = self.relay.source()
        with socket.create_connection(self.relay.socket, 8, source and (source, 0)) as bare:
            (trust_anybody().wrap_socket(bare) if self.relay.is_secure else bare).sendall(request)

    async def knock(self, request, http=False, timeout=5):
        """A connection that sent `request`, and the status that it got."""
        wire = await self.dial(http)
        wire.send(request)
        status, _ = await wire.head(timeout)
        return wire, status

    async def ask(self, path):
        """The body of the answer; nothing where it was no 200."""
        request = f"GET {self.relay.with_token(path)} HTTP/1.0\r\nHost: relay\r\n\r\n"
        wire, status = await self.knock(request.encode(), http=True)
        body = await wire.rest(0.5)
        wire.drop()
        return body if status == 200 else b""

    async def connect(self, path, deaf=False, receive_buffer=4096):
        """A camera or viewer that was let in; a deaf one never reads what is sent to it."""
        wire = await self.dial(receive_buffer=receive_buffer if deaf else None)
        wire.send(handshake(self.relay.with_token(path), "relay"))
        status, _ = await wire.head()
        if status != 101:
            wire.drop()
            raise Refused(f"{path} was refused: {status}")
        if deaf:
            wire.writer.transport.pause_reading()
        else:
            wire.listen()
        return wire

    async def say(self, path, inputs):
        """Sends each of `(what, bytes, allowed)` and asks for the verdict, over as few connections as will do."""
        wire, said = None, 0
        for what, data, allowed in inputs:
            if wire is None or said == Group.LONGEST_SPEECH:
                if wire:
                    wire.drop()
                wire, said = await self.connect(path), 0
            wire.send(data)
            outcome = await wire.verdict(5 if allowed else 0.5)
            self.expect(f"{path} {what}", outcome, allowed)
            said += 1
            if outcome != "open":
                wire.drop()
                wire = None
        if wire:
            wire.drop(reset=False)

    @contextlib.asynccontextmanager
    async def witness(self, path):
        """An honest peer at the other end: it stays connected, and nothing reaches it that is no message."""
        wire = await self.connect(path)
        yield wire
        self.insist(f"the witness at {path} was lost: {wire.ended}", await wire.verdict() == "open")
        for text in wire.texts:
            self.insist(f"reached {path}: {text[:80]}", is_message(text, path))
        wire.drop(reset=False)

    async def all(self, attempts):
        """Runs many at once; one that can't connect counts as turned away."""
        async def attempt(one):
            try:
                return await one
            except (OSError, asyncio.TimeoutError):
                return None
        return await asyncio.gather(*map(attempt, attempts))


def is_message(text, path):
    """Whether the protocol has such a message for who is at `path`."""
    try:
        message = json.loads(text.decode())
    except RecursionError:
        return True
    except ValueError:
        return False
    if not isinstance(message, dict):
        return False
    if path.startswith("/camera") and "type" not in message:
        return isinstance(message.get("command"), str) and len(message) == 1
    match message.get("type"):
        case "offer" if path.startswith("/viewer"):
            return isinstance(message.get("sdp"), str)
        case "answer" if path.startswith("/camera"):
            return isinstance(message.get("sdp"), str)
        case "camera_status" if path.startswith("/viewer"):
            return isinstance(message.get("status"), str)
        case "ice":
            return "candidate" in message
    return False

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A camera or a viewer that does as it is told, for tests: which of them its URL says.

    peer.py ws://127.0.0.1:8080/camera [--token T [--token-in query|header]] [--origin O] [--session NAME]

What comes is a JSON line each:
    {"event": "open"}  {"event": "refused", "status": 401}  {"event": "closed", "code": 1000, "reason": ""}
    {"event": "text", "text": "..."}  {"event": "binary", "length": 1001, "base64": "..."}
What to do is read as JSON lines, and their end says goodbye:
    {"send": {...}}  {"text": "raw"}  {"binary": 1001 or "base64"}  {"close": 1000}  {"abort": true}
A number of binary is so many bytes, counting 0 to 255 again and again. A session is named in a hello, right after the
socket has opened. Whoever signed the certificate of a wss:// URL is trusted. Exits 0 after a closed socket, 1 where it could not be opened.
"""

import argparse
import asyncio
import base64
import json
import socket
import ssl
import struct
import sys

import websockets


def say(event, **details):
    print(json.dumps({"event": event, **details}, ensure_ascii=False), flush=True)


def options():
    parser = argparse.ArgumentParser(description="A camera or viewer that does as it is told.")
    parser.add_argument("url")
    parser.add_argument("--token")
    parser.add_argument("--token-in", choices=["query", "header"], default="query")
    parser.add_argument("--origin")
    parser.add_argument("--session")
    return parser.parse_args()


async def lines_of_stdin():
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader(limit=16 * 2**20)
    try:
        loop.add_reader(sys.stdin, lambda: None)
        loop.remove_reader(sys.stdin)
    except PermissionError:  # A file or /dev/null: it can't be waited for, and never has to be.
        for line in sys.stdin:
            yield line
        return
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield line


def abort(relay):
    """Ends with a reset, as when a phone's battery is pulled and its network answers for it."""
    relay.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    relay.transport.abort()


def picture(description):
    if isinstance(description, int):
        return (bytes(range(256)) * (description // 256 + 1))[:description]
    return base64.b64decode(description)


async def obey(relay):
    async for line in lines_of_stdin():
        match json.loads(line):
            case {"send": message}:
                await relay.send(json.dumps(message))
            case {"text": text}:
                await relay.send(text)
            case {"binary": description}:
                await relay.send(picture(description))
            case {"close": code}:
                await relay.close(code)
            case {"abort": _}:
                abort(relay)
            case other:
                raise ValueError(f"no such thing to do: {other}")
    await relay.close()


async def report(relay):
    try:
        async for message in relay:
            if isinstance(message, str):
                say("text", text=message)
            else:
                say("binary", length=len(message), base64=base64.b64encode(message).decode())
    except websockets.ConnectionClosedError:
        pass
    say("closed", code=relay.close_code, reason=relay.close_reason)


async def connect(arguments):
    url, headers = arguments.url, {}
    if arguments.token and arguments.token_in == "query":
        url += ("&" if "?" in url else "?") + "token=" + arguments.token
    elif arguments.token:
        headers["Authorization"] = f"Bearer {arguments.token}"
    trusting = ssl._create_unverified_context() if url.startswith("wss:") else None
    return await websockets.connect(
        url, ssl=trusting, origin=arguments.origin, extra_headers=headers, max_size=None, open_timeout=10
    )


async def main():
    arguments = options()
    try:
        relay = await connect(arguments)
    except websockets.InvalidStatusCode as refusal:
        say("refused", status=refusal.status_code)
        sys.exit(1)
    except (OSError, asyncio.TimeoutError, websockets.InvalidHandshake) as failure:
        say("refused", status=None, reason=str(failure))
        sys.exit(1)
    say("open")
    if arguments.session:
        await relay.send(json.dumps({"type": "hello", "session": arguments.session}))
    obeying = asyncio.create_task(obey(relay))
    reporting = asyncio.create_task(report(relay))
    await asyncio.wait([obeying, reporting], return_when=asyncio.FIRST_COMPLETED)
    if obeying.done() and (failure := obeying.exception()) and not isinstance(failure, websockets.ConnectionClosed):
        relay.transport.abort()
        sys.exit(f"peer.py: {failure}")
    await reporting
    obeying.cancel()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A reverse proxy that says its own name to the server and leaves the page's origin as it is: proxy.py PORT

Takes one request a connection, and has the relay do so; what follows an upgrade goes both ways. Prints the port that it has.
"""

import asyncio
import contextlib
import re
import sys


async def pour(reader, writer):
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def serve(reader, writer):
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        server = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
        head = re.sub(rb"(?i)\r\nhost: [^\r]*", rb"\r\nHost: 127.0.0.1:" + sys.argv[1].encode(), head)
        server[1].write(re.sub(rb"(?i)\r\nconnection: keep-alive", rb"\r\nConnection: close", head))
        await asyncio.gather(pour(reader, server[1]), pour(server[0], writer))


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
import asyncio, json, sys, websockets

OFFER = "v=0|o=- 1 1 IN IP4 127.0.0.1|s=-|t=0 0|m=video 9 UDP/TLS/RTP/SAVPF 96|c=IN IP4 0.0.0.0|a=mid:0|" \
    "a=rtpmap:96 VP8/90000|a=sendonly|a=rtcp-mux|a=setup:actpass|a=ice-ufrag:abcd|a=ice-pwd:abcdefghijklmnopqrstuvwx|" \
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32) + "|"

async def camera(url):
    async with websockets.connect(url) as relay:
        await relay.send(json.dumps({"type": "offer", "sdp": OFFER.replace("|", "\r\n")}))
        async for message in relay: print(message)

asyncio.run(camera(sys.argv[1]))

# SPDX-License-Identifier: Apache-2.0
"""Requests that no browser would make, and doors that should stay shut."""

import urllib.parse

from .wire import frame, handshake

#: Any answer but a way in or a relay's own confusion; none at all where it may still be waiting for more.
HARMLESS = {100, *range(200, 500), 501, 503, 505, "gone", "mute"}
REFUSED = {*range(400, 500), 501, 505, "gone"}
NOT_FOUND, UNAUTHORIZED, WRONG_METHOD, LET_IN = {404}, {401}, {405}, {101}


def request(line, *headers, body=b"", host="Host: relay"):
    lines = [line, host, *headers] if host else [line, *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def garbage(dice):
    for size in (1, 10, 1000, 100_000):
        yield f"{size} random bytes", dice.randbytes(size)
    yield "a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + dice.randbytes(505)
    yield "a frame before any handshake", frame(b"{}")
    yield "blank lines", b"\r\n" * 10_000
    yield "NULs", bytes(10_000)
    yield "half a verb", b"GE"
    yield "the start of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    yield "HTTP/0.9", b"GET /status\r\n"
    yield "HTTP/9.9", request("GET /status HTTP/9.9")
    yield "a verb of 64 KiB", request("G" * 65536 + " /status HTTP/1.1")
    yield "three blanks", request("GET  /status  HTTP/1.1")
    yield "bare line feeds", b"GET /status HTTP/1.1\nHost: relay\n\n"


def odd_requests():
    get = "GET /status HTTP/1.1"
    yield "absolute form", request("GET http://127.0.0.1/status HTTP/1.1")
    yield "absolute form of another host", request("GET http://192.0.2.1/ HTTP/1.1")
    yield "another scheme", request("GET file:///etc/passwd HTTP/1.1")
    yield "CONNECT", request("CONNECT 192.0.2.1:80 HTTP/1.1")
    yield "OPTIONS *", request("OPTIONS * HTTP/1.1")
    yield "TRACE", request("TRACE /status HTTP/1.1")
    yield "no host", request(get, host=None)
    yield "two hosts", request(get, "Host: other")
    yield "a host of NULs", request(get, host="Host: \0\0")
    yield "a header of 64 KiB", request(get, "X: " + "x" * 65536)
    yield "a header of 1 MiB", request(get, "X: " + "x" * 2**20)
    yield "a name of 64 KiB", request(get, "x" * 65536 + ": x")
    yield "1,000 headers", request(get, *(f"X-{number}: {number}" for number in range(1000)))
    yield "a header without a colon", request(get, "nonsense")
    yield "a header without a name", request(get, ": x")
    yield "a blank before the colon", request(get, "X : x")
    yield "a folded header", request(get, "X: a\r\n b")
    yield "a header with a bare CR", request(get, "X: a\rY: b")
    yield "a body where none belongs", request(get, "Content-Length: 1048576", body=bytes(2**20))
    yield "a negative length", request(get, "Content-Length: -1")
    yield "a length of 2^64", request(get, "Content-Length: 18446744073709551616")
    yield "a length that is none", request(get, "Content-Length: many")
    post = "POST /control/start HTTP/1.1"
    yield "100-continue, and nothing", request(post, "Expect: 100-continue", "Content-Length: 9")
    yield "an unknown expectation", request(get, "Expect: miracles")
    yield "ranges", request(get, "Range: bytes=" + ",".join(f"{n}-{n}" for n in range(2000)))
    for size in ("ffffffffffffffff", "-1", "zz", "7fffffff", ""):
        yield f"a chunk of {size!r}", request(post, "Transfer-Encoding: chunked", body=f"{size}\r\n".encode())
    for path in ("../../../etc/passwd", "..%2f..%2fetc/passwd", "%2e%2e/%2e%2e/etc/passwd", "%00", "....//etc/passwd"):
        yield f"a way out: {path}", request(f"GET /uploads/{path} HTTP/1.1")


def uploads():
    """Any answer would have an app delete its recording."""
    post = "POST /upload HTTP/1.1"
    yield "an upload", request(post, "Content-Length: 1048576", body=bytes(2**20))
    yield "an upload of nothing", request(post, "Content-Length: 0")
    yield "an upload that has not all come", request(post, "Content-Length: 9999999999", body=b"x")
    yield "an upload that waits to be asked for", request(post, "Expect: 100-continue", "Content-Length: 9")
    yield "an upload in chunks", request(post, "Transfer-Encoding: chunked", body=b"1\r\nx\r\n")
    yield "two uploads", request(post, "Content-Length: 0", body=request(post, "Content-Length: 0"))


def smuggled():
    """One request or two, as one likes to read it."""
    inner = b"GET /status HTTP/1.1\r\nHost: relay\r\n\r\n"
    post, chunked = "POST /control/start HTTP/1.1", "Transfer-Encoding: chunked"
    yield "a length and chunks", request(post, "Content-Length: 5", chunked, body=b"0\r\n\r\n" + inner)
    yield "chunks and a length", request(post, chunked, f"Content-Length: {5 + len(inner)}", body=b"0\r\n\r\n" + inner)
    yield "two lengths", request(post, "Content-Length: 0", f"Content-Length: {len(inner)}", body=inner)
    yield "two lengths in one", request(post, f"Content-Length: 0, {len(inner)}", body=inner)
    yield "chunks, disguised", request(post, "Content-Length: 0", "Transfer-Encoding: xchunked", body=inner)
    yield "chunks, twice", request(post, chunked, "Transfer-Encoding: identity", body=b"0\r\n\r\n" + inner)
    yield "a length in disguise", request(post, "Content-Length : 0", f"Content-Length: +{len(inner)}", body=inner)


def odd_handshakes(relay):
    """Not quite a WebSocket: `(what, request, allowed)`."""
    path = relay.with_token("/camera/hostile")
    whole = handshake(path, "relay").decode()
    for line in ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "Upgrade: websocket"):
        yield f"without {line}", whole.replace(f"{line}\r\n", "").encode(), HARMLESS
    yield "version 12", whole.replace("Version: 13", "Version: 12").encode(), HARMLESS
    yield "by POST", whole.replace("GET", "POST").encode(), HARMLESS
    yield "another protocol", whole.replace("Upgrade: websocket", "Upgrade: h2c").encode(), HARMLESS
    either = HARMLESS | LET_IN
    yield "a key of one letter", whole.replace("dGhlIHNhbXBsZSBub25jZQ==", "A").encode(), either
    yield "two keys", handshake(path, "relay", ["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="]), either
    yield "extensions", handshake(path, "relay", ["Sec-WebSocket-Extensions: permessage-deflate, x; y=z"] * 50), either
    yield "protocols", handshake(path, "relay", ["Sec-WebSocket-Protocol: " + ", ".join(["chat"] * 2000)]), either
    yield "a strange origin", handshake(path, "relay", ["Origin: http://evil.example"]), either


def wrong_paths():
    """`(path, statuses)`, for who has the right token."""
    for path in ("/nothing", "/cam", "/camera1", "/camera/a/b", "/camera/" + "x" * 65, "/camera/name%20with%20blanks"):
        yield path, NOT_FOUND
    for path in ("/", "/camera/../x", "/camera/..", "/camera/%2e%2e", "/camera/ü", "/camera/%c3%bc", "/camera/%00",
                 "/camera/a%00b", "/camera/%0d%0aX:x", "/camera/%ff", "/camera/%zz", "/camera/" + "x" * 8192,
                 "/camera/a%2fb", "/camera/name with blanks", "/camera/a\0b", "/?/camera", "camera", "*"):
        # Where a path is normalized, some are that of the first page.
        yield path, REFUSED | ({200} if path in ("/", "/?/camera", "/camera/..", "/camera/%2e%2e") else set())
    # Where a path is normalized, this is /camera.
    yield "/camera/.", REFUSED | LET_IN


def tokens(right):
    """`(what, path, headers, allowed)`."""
    nearly = right[:-1] + ("a" if right[-1] != "a" else "b")
    wrong = ["", " ", right[:-1], right + "x", nearly, right[::-1], "x" * len(right), "x" * 10_000, right * 2]
    yield "no token", "/camera", [], UNAUTHORIZED
    for token in wrong:
        what, quoted = f"a token of {len(token)} letters", urllib.parse.quote(token)
        yield f"{what} in the query", f"/camera?token={quoted}", [], UNAUTHORIZED
        if token:
            yield f"{what} in the path", f"/t/{quoted}/camera", [], UNAUTHORIZED
        yield f"{what} in a cookie", "/camera", [f"Cookie: token={quoted}"], UNAUTHORIZED
        yield f"{what} in the header", "/camera", [f"Authorization: Bearer {quoted}"], UNAUTHORIZED
    yield "the token, called Basic", "/camera", [f"Authorization: Basic {right}"], UNAUTHORIZED
    yield "the token under another name", f"/camera?tok={right}", [], UNAUTHORIZED
    # What decodes it into a C string sees the right one, and there is nothing to gain by that.
    yield "the token and a NUL", f"/camera?token={urllib.parse.quote(right)}%00", [], REFUSED | LET_IN
    yield "the token in the path", f"/t/{urllib.parse.quote(right)}/camera/hostile", [], LET_IN
    yield "the token in the query", f"/camera/hostile?token={urllib.parse.quote(right)}", [], LET_IN
    yield "the token in the header", "/viewer/hostile", [f"Authorization: Bearer {right}"], LET_IN


async def http(group):
    """What is no request, on both ports; what may be two; and methods that are not for that."""
    async def send(what, data, allowed, http):
        wire, status = await group.knock(data, http, timeout=1)
        group.expect(what, status, allowed)
        wire.drop()

    async def smuggle(what, data):
        wire = await group.dial(http=True)
        wire.send(data)
        answers = (await wire.rest(1)).count(b"HTTP/1.")
        group.expect(what, f"answers: {answers}", {"answers: 0", "answers: 1"})
        wire.drop()

    harmless = [*garbage(group.dice), *odd_requests()]
    attempts = [send(*one, HARMLESS, on_http) for on_http in (False, True) for one in harmless]
    attempts += [send(*one, on_http) for on_http in (False, True) for one in odd_handshakes(group.relay)]
    attempts += [send(*one, {"gone"}, on_http) for on_http in (False, True) for one in uploads()]
    attempts += [smuggle(*one) for one in smuggled()]
    for method, path in ("DELETE", "/status"), ("POST", "/status"), ("GET", "/control/start"), ("PUT", "/control/stop"):
        line = f"{method} {group.relay.with_token(path)} HTTP/1.1"
        attempts.append(send(f"{method} {path}", request(line, "Content-Length: 0"), WRONG_METHOD, True))
    await group.all(attempts)


async def paths(group):
    """Addresses where nobody lives."""
    for path, allowed in wrong_paths():
        wire, status = await group.knock(handshake(group.relay.with_token(path), "relay"))
        group.expect(f"{path[:40]!r}", status, allowed)
        wire.drop()


async def credentials(group):
    """Everybody's guess at the token; nothing where the relay has none."""
    for what, path, headers, allowed in tokens(group.relay.token) if group.relay.token else ():
        wire, status = await group.knock(handshake(path, "relay", headers))
        group.expect(what, status, allowed)
        wire.drop(reset=False)

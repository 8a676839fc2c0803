# SPDX-License-Identifier: Apache-2.0
"""Texts that are no JSON, JSON that is no message, messages with a wrong field, and a phone's offer to take apart."""

LONG = 100_000


def offer(sdp):
    """As a phone writes it, with whatever between the quotes."""
    return b'{"type":"offer","sdp":"' + sdp + b'"}'


NOT_JSON = [
    b"", b" ", b"\r\n\t ", b"nul", b"True", b"undefined", b"NaN", b"-Infinity", b"+1", b"01", b".5", b"1.", b"1e",
    b"0x10", b"--1", b"-" * LONG, b'"', b'"\\"', b"'a'", b"[", b"]", b"[1,]", b"[,1]", b"[1 2]",
    b"[" + b"," * LONG + b"]", b"{", b"}", b'{"', b'{"type"', b'{"type":', b'{"type":"offer"',
    b'{"type":"offer",', b'{"type":"offer","sdp":"', b'{"type":"offer","sdp":"v=0",}', b"{,}", b'{"a" 1}',
    b"{'type':'offer'}", b'{type:"offer"}',
    offer(b"") + b" // said", b"/* */" + offer(b""), b"# said\n" + offer(b""), b"\xef\xbb\xbf" + offer(b""),
    offer(b"v=0") + b"x", offer(b"v=0") * 2, offer(b"v=0") + b"\0", offer(b"v\0=0"), b"\0", b"\0{}", b"\x1b[2J\x07",
    offer(b"v=0\r\n"), offer(b"\\x41"), offer(b"\\u12"), offer(b"\\uZZZZ"), b'{"type":"offer","sdp":"\\',
    b"[" * LONG, b'{"":' * 60_000, b'[{"":' * 50_000,
]

STRANGE_JSON = [
    # Numbers and other things that are no object.
    b"null", b"true", b"0", b"-0", b"1e999", b"-1e999", b"1e-999999999", b"9" * 400, b"0." + b"1" * 400, b"1" * LONG,
    b'"text"', b"[]", b"[[]]", b" " * 200_000 + b"{}",
    # Objects that are no message, or two.
    b"{}", b'{"":""}', b'{"type":""}', b'{"type":"offer"}', b'{"type":"OFFER","sdp":"v=0"}', b'{"type":"nonsense"}',
    b'{"type":"offer","sdp":1e999}', b'{"type":"offer","sdp":' + b"9" * 400 + b"}",
    b'{"type":"offer","type":"ice","sdp":"v=0"}', b'{"type":"ice","type":"offer","sdp":"v=0","sdp":7}',
    b'{"command":"start","command":{}}', b'{"__proto__":{"type":"offer"},"constructor":1,"toString":2}',
    # Characters that something might stumble over, or print.
    b'{"type":"off\\u0000er","sdp":""}', b'{"type\\u0000":"offer","sdp":""}', b'{"command":"start\\u0000\\n"}',
    offer(b"v=0\\u0000"), offer(b"\\ud800"), offer(b"\\udc00"), offer(b"\\udc00\\ud800"), offer(b"\\ud800x"),
    b'{"\\ud83d":1}', b'{"type":"status","status":"\\u001b[2J\\r\\nforged"}',
    b'{"type":"reconnect_request","reason":"\\r\\n12:00:00 [INFO] forged"}',
    '{"type":"status","status":"\u202egnp.\ufeff\ufffe"}'.encode(),
    # Much of something.
    b'{"type":"' + b"x" * LONG + b'"}', b'{"' + b"k" * LONG + b'":1}', offer(b"x" * 255 * 1024),
    offer(b"\\u0041" * 40_000),
    b"{" + b",".join(b'"k%d":%d' % (number, number) for number in range(10_000)) + b"}",
    b'{"type":"offer","sdp":"v=0","more":' + b"[" * 10_000 + b"]" * 10_000 + b"}", b"[" * LONG + b"]" * LONG,
]
for depth in (33, 10_000):
    STRANGE_JSON += [b"[" * depth + b"]" * depth, b'{"":' * depth + b"}" * depth, b'{"a":[' * depth + b"]}" * depth]

BAD_UTF8 = [b"\xff", b"\x80", b"\xc0\xaf", b"\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", offer(b"\xfe")]

#: Every message of the protocol, and what else was seen in the field.
CANDIDATE = "candidate:1 1 udp 1 127.0.0.1 9 typ host"
MESSAGES = [
    {"type": "offer", "sdp": "v=0"}, {"type": "answer", "sdp": "v=0"},
    {"type": "ice", "candidate": {"candidate": CANDIDATE, "sdpMLineIndex": 0, "sdpMid": "0"}},
    {"type": "ice", "candidate": CANDIDATE, "sdpMLineIndex": 0, "sdpMid": "0"},
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


PHONES_OFFER = f"""\
v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2
a=extmap-allow-mixed
a=msid-semantic: WMS stream
m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 39 40
c=IN IP4 0.0.0.0
b=AS:2000
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:Zx4b
a=ice-pwd:o6hOcEcGGHEGhaIFNzyJ2pXr
a=ice-options:trickle
a=fingerprint:sha-256 {":".join(["7A"] * 32)}
a=setup:actpass
a=mid:0
a=extmap:3 urn:3gpp:video-orientation
a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=sendonly
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 goog-remb
a=rtcp-fb:96 transport-cc
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:102 H264/90000
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:103 rtx/90000
a=fmtp:103 apt=102
a=rtpmap:39 AV1/90000
a=rtpmap:40 rtx/90000
a=fmtp:40 apt=39
a=ssrc:1234 cname:phone
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=mid:1
a=rtpmap:111 opus/48000/2
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=mid:2
a=sctp-port:5000
a=candidate:1 1 udp 2122260223 6c2f.local 54321 typ host
a=end-of-candidates
""".splitlines()

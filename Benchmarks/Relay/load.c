// SPDX-License-Identifier: Apache-2.0
//
// Drives a relay with pairs of a camera and a viewer, each pair in a room of its own, and measures what comes through.
//
//     load PORT PAIRS WINDOW RELAY_PID
//
// Says `ready` when all are connected, then does what it reads, a line each, and answers with a line each:
//     throughput SECONDS     each camera keeps WINDOW offers on their way, counted by what its viewer received
//     latency RATE SECONDS   RATE offers a second in all, evenly spaced; each carries when it was due
// Each run begins with a second that does not count. Ends with the end of its input, and with status 1 where a message
// was lost, changed or late by 5 s.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SDP_BYTES = 2048, LARGEST_FRAME = 4096, INBOX = 16 * 1024, EVENTS = 256, STAMP_DIGITS = 19 };
enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

static const int64_t second = 1000000000, patience = 5 * second;
static const uint8_t mask[4] = {0x5a, 0xa5, 0x3c, 0xc3};
static const char stamp_prefix[] = "{\"type\":\"offer\",\"sdp\":\"v=0\\r\\no=- ";

struct socket {
    int fd;
    bool wants_to_write;
    size_t received, unsent, capacity;
    uint8_t *inbox, *outbox;
};

static int pairs, window, poller, relay_pid;
static struct socket *cameras, *viewers;
static uint8_t offer[LARGEST_FRAME];  // A whole frame, masked.
static size_t offer_size, payload_size;

// What the run under way counts.
static bool keeps_window;
static int64_t on_their_way, counted, counting_since;
static uint32_t *latencies;
static size_t latencies_room;

static void fail(const char *what) {
    fprintf(stderr, "load: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * second + time.tv_nsec;
}

// Seconds of a processor that a process has used, with all of its threads; 0 is this one.
static double processor_seconds(int pid) {
    struct timespec used;
    clockid_t clock;
    if ((errno = clock_getcpuclockid(pid, &clock)) || clock_gettime(clock, &used)) fail("the relay has gone");
    return used.tv_sec + used.tv_nsec / 1e9;
}

// Frames

static size_t put_header(uint8_t *frame, int opcode, size_t size) {
    frame[0] = 0x80 | opcode;
    if (size < 126) {
        frame[1] = 0x80 | size;
        memcpy(frame + 2, mask, 4);
        return 6;
    }
    frame[1] = 0x80 | 126;
    frame[2] = size >> 8;
    frame[3] = size;
    memcpy(frame + 4, mask, 4);
    return 8;
}

static void put_masked(uint8_t *to, const void *bytes, size_t size, size_t offset) {
    for (size_t index = 0; index < size; index++)
        to[index] = ((const uint8_t *)bytes)[index] ^ mask[(offset + index) % 4];
}

// An offer with an SDP of 2 KiB, as JSON: lines like a phone's, and a place for a time.
static void make_offer(void) {
    static const char *lines[] = {
        "a=rtpmap:96 VP8/90000\\r\\n", "a=rtcp-fb:96 goog-remb\\r\\n", "a=rtcp-fb:96 transport-cc\\r\\n",
        "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\\r\\n",
        "a=extmap:3 urn:3gpp:video-orientation\\r\\n", "a=ice-options:trickle\\r\\n", "a=rtcp-mux\\r\\n"};
    char text[LARGEST_FRAME];
    size_t size = snprintf(text, sizeof text, "%s%0*d 2 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\n", stamp_prefix,
                           STAMP_DIGITS, 0);
    for (int line = 0; size < SDP_BYTES - 100; line = (line + 1) % 7)
        size += snprintf(text + size, sizeof text - size, "%s", lines[line]);
    size += snprintf(text + size, sizeof text - size, "a=x:%0*d\\r\\n\"}", (int)(SDP_BYTES - size), 0);
    size_t header = put_header(offer, TEXT, size);
    put_masked(offer + header, text, size, 0);
    payload_size = size;
    offer_size = header + size;
}

// Sockets

static void watch(struct socket *socket, int operation) {
    struct epoll_event event = {.events = EPOLLIN | (socket->wants_to_write ? EPOLLOUT : 0), .data.ptr = socket};
    if (epoll_ctl(poller, operation, socket->fd, &event)) fail("epoll_ctl");
}

static void flush(struct socket *socket) {
    ssize_t count = send(socket->fd, socket->outbox, socket->unsent, MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) fail("the relay hung up");
    if (count > 0) memmove(socket->outbox, socket->outbox + count, socket->unsent -= count);
    if (socket->wants_to_write != (socket->unsent > 0)) {
        socket->wants_to_write = socket->unsent > 0;
        watch(socket, EPOLL_CTL_MOD);
    }
}

static uint8_t *append(struct socket *socket, const uint8_t *bytes, size_t size) {
    if (socket->unsent + size > socket->capacity) fail("the relay does not read");
    uint8_t *start = memcpy(socket->outbox + socket->unsent, bytes, size);
    socket->unsent += size;
    return start;
}

static void append_offer(struct socket *camera, int64_t stamp) {
    size_t offset = strlen(stamp_prefix);
    char digits[STAMP_DIGITS];
    for (int digit = STAMP_DIGITS; digit-- > 0; stamp /= 10) digits[digit] = '0' + stamp % 10;
    uint8_t *frame = append(camera, offer, offer_size);
    put_masked(frame + (offer_size - payload_size) + offset, digits, STAMP_DIGITS, offset);
    on_their_way++;
}

static void shake_hands(int fd, const char *role, int number) {
    char text[1024];
    int size = snprintf(text, sizeof text,
                        "GET /%s/pair-%d HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                        role, number);
    if (send(fd, text, size, MSG_NOSIGNAL) != size) fail("handshake");
    // Byte by byte: what follows the head belongs to the frames.
    for (size = 0; size < 4 || memcmp(text + size - 4, "\r\n\r\n", 4); size++)
        if (size == sizeof text - 1 || recv(fd, text + size, 1, 0) != 1) fail("handshake");
    text[size] = 0;
    if (!strstr(text, " 101 ")) errno = 0, fail(text);
}

static void open_socket(struct socket *it, int port, const char *role, int number) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval limit = {.tv_sec = 10};
    int one = 1;
    it->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (it->fd < 0) fail("socket");
    setsockopt(it->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(it->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(it->fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
    shake_hands(it->fd, role, number);
    if (fcntl(it->fd, F_SETFL, O_NONBLOCK)) fail("fcntl");
    it->capacity = (window + 1) * (size_t)LARGEST_FRAME + INBOX;
    it->inbox = malloc(INBOX);
    it->outbox = malloc(it->capacity);
    if (!it->inbox || !it->outbox) fail("memory");
    watch(it, EPOLL_CTL_ADD);
}

// What comes

static void take_offer(struct socket *viewer, const uint8_t *payload, size_t size, int64_t time) {
    size_t offset = strlen(stamp_prefix);
    errno = 0;
    if (size != payload_size || memcmp(payload, stamp_prefix, offset)) fail("a message was changed on its way");
    on_their_way--;
    if (keeps_window) {
        counted += time >= counting_since;
        return append_offer(&cameras[viewer - viewers], time);
    }
    int64_t due = 0;
    for (int digit = 0; digit < STAMP_DIGITS; digit++) due = due * 10 + payload[offset + digit] - '0';
    if (due >= counting_since && (size_t)counted < latencies_room) latencies[counted++] = (time - due) / 1000;
}

static bool is_viewer(const struct socket *socket) { return socket >= viewers && socket < viewers + pairs; }

static void take_frame(struct socket *socket, const uint8_t *frame, size_t header, size_t size, int64_t time) {
    static const char offer_start[] = "{\"type\":\"offer\"";
    const uint8_t *payload = frame + header;
    int opcode = frame[0] & 15;
    if (opcode == CLOSE) {
        int code = size < 2 ? 1005 : payload[0] << 8 | payload[1], rest = size < 2 ? 0 : size - 2;
        fprintf(stderr, "load: the relay closed a socket: %d %.*s\n", code, rest, payload + size - rest);
        exit(1);
    }
    bool is_offer = opcode == TEXT && size >= sizeof offer_start && !memcmp(payload, offer_start, strlen(offer_start));
    if (is_offer && is_viewer(socket)) take_offer(socket, payload, size, time);
    if (opcode == PING) {
        uint8_t pong[256];
        size_t start = put_header(pong, PONG, size);
        put_masked(pong + start, payload, size, 0);
        append(socket, pong, start + size);
    }
}

static void receive(struct socket *socket) {
    ssize_t count = recv(socket->fd, socket->inbox + socket->received, INBOX - socket->received, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) fail("the relay hung up");
    socket->received += count;
    int64_t time = now();
    size_t start = 0;
    while (socket->received - start >= 2) {
        const uint8_t *frame = socket->inbox + start;
        size_t size = frame[1] & 127, header = size < 126 ? 2 : 4;
        if (size == 127) errno = 0, fail("an unexpectedly large frame");
        if (socket->received - start < header) break;
        if (size == 126) size = frame[2] << 8 | frame[3];
        if (header + size > LARGEST_FRAME) errno = 0, fail("an unexpectedly large frame");
        if (socket->received - start < header + size) break;
        take_frame(socket, frame, header, size, time);
        start += header + size;
    }
    memmove(socket->inbox, socket->inbox + start, socket->received -= start);
    if (socket->unsent) flush(socket);
    if (is_viewer(socket) && cameras[socket - viewers].unsent) flush(&cameras[socket - viewers]);
}

static void wait_for_events(int64_t until) {
    struct epoll_event events[EVENTS];
    int64_t rest = until - now();
    struct timespec limit = {.tv_sec = rest > 0 ? rest / second : 0, .tv_nsec = rest > 0 ? rest % second : 0};
    int count = epoll_pwait2(poller, events, EVENTS, &limit, NULL);
    if (count < 0 && errno != EINTR) fail("epoll_pwait2");
    for (int index = 0; index < count; index++) {
        if (events[index].events & EPOLLOUT) flush(events[index].data.ptr);
        if (events[index].events & ~EPOLLOUT) receive(events[index].data.ptr);
    }
}

// Runs

static void drain(void) {
    keeps_window = false;
    for (int64_t end = now() + patience; on_their_way > 0 && now() < end;) wait_for_events(end);
    errno = 0;
    if (on_their_way) fail("messages were lost");
}

static void measure_throughput(double seconds) {
    int64_t start = now(), middle = start + second, end = middle + (int64_t)(seconds * second);
    counting_since = middle;
    counted = 0;
    keeps_window = true;
    for (int number = 0; number < pairs; number++) {
        for (int count = 0; count < window; count++) append_offer(&cameras[number], start);
        flush(&cameras[number]);
    }
    while (now() < middle) wait_for_events(middle);
    double relay_before = processor_seconds(relay_pid), own_before = processor_seconds(0);
    while (now() < end) wait_for_events(end);
    double relay = processor_seconds(relay_pid) - relay_before, own = processor_seconds(0) - own_before;
    int64_t messages = counted;
    counting_since = INT64_MAX;
    drain();
    printf("{\"messages\": %lld, \"relay_cpu\": %.6f, \"load_cpu\": %.6f}\n", (long long)messages, relay, own);
}

static int by_size(const void *one, const void *other) {
    uint32_t left = *(const uint32_t *)one, right = *(const uint32_t *)other;
    return (left > right) - (left < right);
}

static void measure_latency(double rate, double seconds) {
    int64_t start = now(), middle = start + second, end = middle + (int64_t)(seconds * second);
    latencies_room = (size_t)(rate * (seconds + patience / second)) + 1;
    latencies = realloc(latencies, latencies_room * sizeof *latencies);
    if (!latencies) fail("memory");
    counting_since = middle;
    counted = 0;
    int64_t due = start, sent = 0;
    bool warm = false;
    double relay_before = 0, own_before = 0;
    while (due < end) {
        for (; due <= now() && due < end; due = start + (int64_t)(++sent * second / rate)) {
            if (due >= middle && !warm) {
                warm = true;
                relay_before = processor_seconds(relay_pid);
                own_before = processor_seconds(0);
            }
            struct socket *camera = &cameras[sent % pairs];
            append_offer(camera, due);
            flush(camera);
        }
        wait_for_events(due);
    }
    double relay = processor_seconds(relay_pid) - relay_before, own = processor_seconds(0) - own_before;
    drain();
    counting_since = INT64_MAX;
    size_t count = counted;
    if (!count) fail("nothing came through");
    qsort(latencies, count, sizeof *latencies, by_size);
    printf("{\"messages\": %zu, \"p50\": %u, \"p99\": %u, \"relay_cpu\": %.6f, \"load_cpu\": %.6f}\n", count,
           latencies[count / 2], latencies[count * 99 / 100], relay, own);
}

// Answers pings while there is nothing else to do.
static bool read_line(char *line, int size) {
    struct epoll_event input = {.events = EPOLLIN};
    int both = epoll_create1(EPOLL_CLOEXEC);
    input.data.fd = 0;
    epoll_ctl(both, EPOLL_CTL_ADD, 0, &input);
    input.data.fd = poller;
    epoll_ctl(both, EPOLL_CTL_ADD, poller, &input);
    for (;;) {
        if (epoll_wait(both, &input, 1, -1) < 0 && errno != EINTR) fail("epoll_wait");
        if (input.data.fd == 0) break;
        wait_for_events(0);
    }
    close(both);
    return fgets(line, size, stdin) != NULL;
}

int main(int count, char **arguments) {
    if (count != 5) errno = 0, fail("usage: load PORT PAIRS WINDOW RELAY_PID");
    int port = atoi(arguments[1]);
    pairs = atoi(arguments[2]);
    window = atoi(arguments[3]);
    relay_pid = atoi(arguments[4]);
    prctl(PR_SET_TIMERSLACK, 1);
    setvbuf(stdin, NULL, _IONBF, 0);
    setvbuf(stdout, NULL, _IOLBF, 0);
    poller = epoll_create1(EPOLL_CLOEXEC);
    cameras = calloc(pairs, sizeof *cameras);
    viewers = calloc(pairs, sizeof *viewers);
    if (poller < 0 || pairs < 1 || window < 1 || !cameras || !viewers) fail("start");
    make_offer();
    counting_since = INT64_MAX;
    for (int number = 0; number < pairs; number++) {
        open_socket(&viewers[number], port, "viewer", number);
        open_socket(&cameras[number], port, "camera", number);
    }
    puts("ready");
    char line[128];
    while (read_line(line, sizeof line)) {
        double rate, seconds;
        errno = 0;
        if (sscanf(line, "throughput %lf", &seconds) == 1) measure_throughput(seconds);
        else if (sscanf(line, "latency %lf %lf", &rate, &seconds) == 2) measure_latency(rate, seconds);
        else fail("no such run");
    }
    return 0;
}

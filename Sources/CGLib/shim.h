// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gio/gio.h>
#include <glib-object.h>
#include <glib-unix.h>
#include <glib.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>  // which Swift's Glibc module leaves out

// What Swift can't import: macros with casts in them, and callbacks that C looks up for ever.

static const gboolean cglib_source_continue = G_SOURCE_CONTINUE;
static const GType cglib_type_bool = G_TYPE_BOOLEAN;
static const GType cglib_type_int64 = G_TYPE_INT64;
static const GType cglib_type_double = G_TYPE_DOUBLE;
static const GType cglib_type_string = G_TYPE_STRING;
static const GType cglib_type_object = G_TYPE_OBJECT;

static inline gboolean cglib_source_dispatch(GSource *source, GSourceFunc callback, gpointer data) {
    return callback(data);
}

/// A source that is ready when its descriptor or its ready time says so, and then calls its callback.
static inline GSource *cglib_source_new(void) {
    static GSourceFuncs funcs = {.dispatch = cglib_source_dispatch};
    return g_source_new(&funcs, sizeof(GSource));
}

#ifndef TCP_RTO_MAX_MS
#define TCP_RTO_MAX_MS 44  // of Linux 6.15; older ones refuse it, which is no loss
#endif

/// Has the kernel ask the peer's once a second, which answers even while the peer's process sleeps, and break the
/// connection when five questions in a row stay unanswered.
static inline void cglib_socket_prepare(GSocket *socket) {
    g_socket_set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
    g_socket_set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1, NULL);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 1, NULL);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 1, NULL);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 5, NULL);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_RTO_MAX_MS, 1000, NULL);
}

/// Has it wait for so many ms instead, or no longer if that is 0. This also breaks connections whose peer reads nothing
/// for so long.
static inline void cglib_socket_set_patience(GSocket *socket, gint limit) {
    g_socket_set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, limit, NULL);
}

/// For how many ms the peer's kernel has said nothing.
static inline guint cglib_socket_silence(GSocket *socket) {
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    if (getsockopt(g_socket_get_fd(socket), IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return 0;
    return MIN(info.tcpi_last_ack_recv, info.tcpi_last_data_recv);
}

// ThreadSanitizer does not see the locks by which GLib hands user data to another thread; see scripts/sanitize.
#ifdef UNDER_THREAD_SANITIZER
void __tsan_release(void *data);
void __tsan_acquire(void *data);
static inline void cglib_hand_over(void *data) { __tsan_release(data); }
static inline void cglib_take_over(void *data) { __tsan_acquire(data); }
#else
static inline void cglib_hand_over(void *data) { (void)data; }
static inline void cglib_take_over(void *data) { (void)data; }
#endif

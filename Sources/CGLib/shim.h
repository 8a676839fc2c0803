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

static inline void cglib_socket_set_no_delay(GSocket *socket) {
    g_socket_set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
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

// SPDX-License-Identifier: Apache-2.0
#pragma once

// First, so that GLib's types are CGLib's and not a second set.
#include "../CGLib/shim.h"

#include <libsoup/soup.h>
#include <sys/socket.h>

/// A server for connections that others accept. libsoup keeps such a connection for the next request only while it
/// listens somewhere itself, so it listens where nobody can come: at one end of a pair, which is kept as long.
static inline SoupServer *csoup_server_new(const char *name) {
    SoupServer *server = soup_server_new("server-header", name, NULL);
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return server;
    for (int end = 0; end < 2; end++) {
        GSocket *socket = g_socket_new_from_fd(pair[end], NULL);
        if (end == 0) soup_server_listen_socket(server, socket, 0, NULL);
        g_object_set_data_full(G_OBJECT(server), end == 0 ? "near" : "far", socket, g_object_unref);
    }
    return server;
}

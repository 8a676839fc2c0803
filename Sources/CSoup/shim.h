// SPDX-License-Identifier: Apache-2.0
#pragma once

// First, so that GLib's types are CGLib's and not a second set.
#include "../CGLib/shim.h"

#include <libsoup/soup.h>

// What Swift can't import: variadics.

static inline SoupServer *csoup_server_new(const char *name) {
    return soup_server_new("server-header", name, NULL);
}

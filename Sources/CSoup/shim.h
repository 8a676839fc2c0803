// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

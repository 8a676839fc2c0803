// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Heap allocations that this process has made so far, Swift's among them.
unsigned long allocations(void);

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the body of what is at a URL, whoever signed its certificate, for tests: fetch.py URL"""

import ssl
import sys
import urllib.request

with urllib.request.urlopen(sys.argv[1], timeout=10, context=ssl._create_unverified_context()) as answer:
    print(answer.read().decode(), end="")

#!/usr/bin/env python3
"""The output stage, under the name that Compose files call it by."""

import os
import sys

PROGRAM = "/usr/local/bin/epycloud-dispatcher"

os.environ["STAGE"] = "output"
os.execv(PROGRAM, [PROGRAM, *sys.argv[1:]])

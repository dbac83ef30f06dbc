#!/usr/bin/env python3
"""The runner stage, under the name that Compose files call it by."""

import os
import sys

PROGRAM = "/usr/local/bin/epycloud-dispatcher"

os.environ["STAGE"] = "runner"
os.execv(PROGRAM, [PROGRAM, *sys.argv[1:]])

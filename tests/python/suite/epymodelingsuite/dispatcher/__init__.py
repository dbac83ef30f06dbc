"""Building tasks, running them, making files of their results."""

import os

from .builder import dispatch_builder
from .output import dispatch_output_generator
from .runner import dispatch_runner

__all__ = ["dispatch_builder", "dispatch_output_generator", "dispatch_runner"]

if os.environ.get("FIXTURE_SUITE", "stream") == "stream":
    from .output import write_outputs

    __all__ += ["write_outputs"]

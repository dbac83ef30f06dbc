"""What was run, how long it took, with what outcome."""

import os
from contextvars import ContextVar
from datetime import datetime


class ExecutionTelemetry:
    _current = ContextVar("telemetry", default=None)

    def __init__(self):
        self.metadata = {"process_id": os.getpid()}
        self.configuration = {}
        self.builder = {}
        self.runner = {"models": [], "errors": []}
        self.output = {}
        self.warnings = []

    @classmethod
    def get_current(cls):
        return cls._current.get()

    def __enter__(self):
        self._current.set(self)
        return self

    def __exit__(self, *_):
        self._current.set(None)

    def record_warning(self, message):
        self.warnings.append(message)

    def capture(self, output, kind, duration, **details):
        block = {"duration_seconds": duration, **details}
        self.runner["models"].append(
            {"primary_id": output.primary_id, "population": output.population, kind: block}
        )

    def to_dict(self):
        return {
            "metadata": self.metadata,
            "configuration": self.configuration,
            "builder": self.builder,
            "runner": self.runner,
            "output": self.output,
            "resources": {},
            "status": "completed",
            "warnings": self.warnings,
            "generated": datetime.now().isoformat(),
        }

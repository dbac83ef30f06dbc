"""What was run, how long it took, with what outcome."""

import json
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

    def to_text(self):
        return json.dumps(self.to_dict(), indent=2)

    @classmethod
    def from_dict(cls, data):
        telemetry = cls()
        for section in ("metadata", "configuration", "builder", "runner", "output", "warnings"):
            setattr(telemetry, section, data[section])
        return telemetry


def create_workflow_telemetry(builder, runners, output):
    workflow = ExecutionTelemetry()
    workflow.configuration, workflow.builder = builder.configuration, builder.builder
    workflow.output, workflow.warnings = output.output, builder.warnings + output.warnings
    for runner in runners:
        for section in ("models", "errors"):
            workflow.runner[section].extend(runner.runner[section])
    return workflow

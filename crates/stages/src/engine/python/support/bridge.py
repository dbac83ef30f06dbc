"""What the host installs in its interpreter: logging, warnings, output streams, start method.

`emit(level, logger, message, exception, location)` is the host's; it never raises.
"""

import io
import logging
import multiprocessing
import os
import sys
import threading
import traceback
import warnings

STDOUT_LEVEL = logging.INFO
STDERR_LEVEL = logging.WARNING
LONGEST_LINE = 1 << 16


class Stopped(BaseException):
    """Raised in the running code when the process is asked to stop.

    Not an `Exception`, so that code which catches everything that can go wrong lets it pass.
    """


class _Handler(logging.Handler):
    """Hands records on; libraries' debug records are left out, as those of the host's are."""

    def __init__(self, emit):
        super().__init__()
        self._emit = emit
        self.addFilter(_is_wanted)

    def emit(self, record):
        try:
            message = record.getMessage()
            exception = None
            if record.exc_info and record.exc_info[0] is not None:
                exception = "".join(traceback.format_exception(*record.exc_info)).rstrip()
            elif record.stack_info:
                exception = record.stack_info
        except Exception:
            self.handleError(record)
            return
        self._emit(record.levelno, record.name, message, exception, None)


def _is_wanted(record):
    if record.levelno >= logging.INFO or "site-packages" not in record.pathname:
        return True
    return record.name.split(".")[0] in ("epymodelingsuite", "epydemix")


class _Bytes(io.RawIOBase):
    """The binary side of a stream, for code that writes to `sys.stdout.buffer`."""

    def __init__(self, stream):
        super().__init__()
        self._stream = stream

    def writable(self):
        return True

    def fileno(self):
        return self._stream.fileno()

    def write(self, data):
        data = bytes(data)
        self._stream.write(data.decode("utf-8", "backslashreplace"))
        return len(data)


class _Stream(io.TextIOBase):
    """A stream whose lines become log events."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, name, descriptor, level, emit):
        super().__init__()
        self.name = f"<{name}>"
        self.buffer = _Bytes(self)
        self._logger = name
        self._descriptor = descriptor
        self._level = level
        self._emit = emit
        self._lock = threading.RLock()
        self._pending = ""

    def writable(self):
        return True

    def fileno(self):
        return self._descriptor

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        with self._lock:
            *lines, self._pending = (self._pending + text).split("\n")
            if len(self._pending) > LONGEST_LINE:
                lines.append(self._pending)
                self._pending = ""
        for line in lines:
            self._line(line)
        return len(text)

    def finish(self):
        """Hands on what was written without a line end."""
        with self._lock:
            line, self._pending = self._pending, ""
        self._line(line)

    def _line(self, line):
        # A progress bar writes over its line: what is left at the end counts.
        line = line.rstrip().rsplit("\r", 1)[-1]
        if line:
            self._emit(self._level, self._logger, line, None, None)


def install(emit, level):
    """Takes over logging, warnings and the output streams; `level` is logging's number."""
    root = logging.getLogger()
    root.handlers[:] = [_Handler(emit)]
    root.setLevel(level)
    # It logs every bytecode that it compiles, which takes longer than the compiling.
    logging.getLogger("numba").setLevel(max(level, logging.INFO))

    def show(message, category, filename, lineno, file=None, line=None):
        text = f"{category.__name__}: {message}"
        if file is not None:
            file.write(f"{filename}:{lineno}: {text}\n")
        else:
            emit(logging.WARNING, "py.warnings", text, None, f"{filename}:{lineno}")

    warnings.showwarning = show
    sys.stdout = _Stream("stdout", 1, STDOUT_LEVEL, emit)
    sys.stderr = _Stream("stderr", 2, STDERR_LEVEL, emit)
    multiprocessing.set_start_method("spawn")
    os.register_at_fork(before=lambda: _before_fork(emit), after_in_child=_after_fork)


def _before_fork(emit):
    emit(
        logging.WARNING,
        "epycloud",
        "a process is being forked: under a threaded runtime its copy can hang; use"
        " multiprocessing's start method `spawn`, the default here",
        None,
        None,
    )


def _after_fork():
    # The host's threads don't exist in the child, so nothing may wait for them.
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    logging.getLogger().handlers[:] = [logging.StreamHandler()]
    warnings.showwarning = warnings._showwarning_orig


def finish():
    """Hands on what is left in the streams."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, _Stream):
            stream.finish()
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()


def describe(exception):
    """Type, message and traceback of an exception."""
    kind = type(exception)
    name = kind.__qualname__
    if kind.__module__ not in ("builtins", "__main__"):
        name = f"{kind.__module__}.{name}"
    lines = traceback.format_exception(exception)
    return name, str(exception), "".join(lines).rstrip()

"""How much a worker's memory grows over a thousand tasks.

    python growth.py DISPATCHER [--shared DIR]

Run as `overhead.py` is, whose task it repeats. Prints a JSON object a line.
"""

import json
import subprocess
import tempfile

from overhead import MEMORY, Place, options

TASKS, FIRST = 1000, 100


def main(options):
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        done = subprocess.run(
            [options.dispatcher, "worker"],
            env=Place(options, folder).ours,
            input='{"type":"run","task":0}\n' * TASKS,
            capture_output=True,
            text=True,
            check=True,
        )
    answers = map(json.loads, done.stdout.splitlines())
    peaks = [answer["peak_memory_mib"] for answer in answers if answer["type"] == "done"]
    assert len(peaks) == TASKS, done.stderr
    report(f"memory of a worker after {FIRST} tasks", peaks[FIRST - 1], "MiB")
    report(f"memory of a worker after {TASKS} tasks", peaks[-1], "MiB")
    report("growth between", 100 * (peaks[-1] / peaks[FIRST - 1] - 1), "%", at_most=10)


def report(what, figure, unit, **target):
    print(json.dumps({"what": what, "figure": figure, "unit": unit, **target}))


if __name__ == "__main__":
    main(options())

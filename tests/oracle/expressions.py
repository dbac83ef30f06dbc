"""Evaluates expressions as the suite and epydemix do, for comparison with the native engine.

Reads one JSON object a line: `dialect` ("parameter" or "rate"), `expression`, and `names`, a mapping
of names to a number or to rows of numbers. Writes the object back with `result`: the bits of the
result's float64 elements in row-major order, or null where the expression has no finite real value.

Parameters are evaluated as the suite evaluates them, by Python with numpy, except that an
age-varying parameter is an array (the suite inserts a list, on which most arithmetic fails). Rates
are evaluated by epydemix.
"""

import json
import sys

import numpy as np
from epydemix.utils.utils import evaluate


def value(question):
    names = {
        name: np.array(given, dtype=float) if isinstance(given, list) else float(given)
        for name, given in question["names"].items()
    }
    if question["dialect"] == "rate":
        return evaluate(question["expression"], names)
    return eval(question["expression"], {"__builtins__": None, "np": np}, names)


def bits(question):
    try:
        with np.errstate(all="ignore"):
            result = np.asarray(value(question))
            if np.iscomplexobj(result):
                return None
            result = result.astype(float).ravel()
    except Exception:
        return None
    if not np.isfinite(result).all():
        return None
    return [int(element) for element in result.view(np.uint64)]


for line in sys.stdin:
    question = json.loads(line)
    question["result"] = bits(question)
    print(json.dumps(question))

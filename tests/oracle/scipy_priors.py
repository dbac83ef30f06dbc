"""scipy.stats on distributions given as JSON lines.

Each line: {"name", "args", "kwargs", "at": [...], "draws": [...]}. Each answer: {"density": [...],
"support": [low, high], "p_value": ...}, where the p-value is of a Kolmogorov-Smirnov test of the draws
(continuous) or of a chi-squared test of their counts (discrete); or {"error": "..."}. Numbers are
text, since not every reader of JSON keeps the last digit.
"""

import json
import sys

import numpy as np
from scipy import stats


def number(value):
    return repr(float(value))


def counts_p_value(distribution, draws):
    """Chi-squared over bins of at least ten expected counts each."""
    edges = sorted({float(distribution.ppf(q)) for q in np.linspace(0.0, 1.0, 41)[1:-1]})
    cumulative = np.concatenate([[0.0], distribution.cdf(edges), [1.0]])
    expected = np.diff(cumulative) * len(draws)
    observed = np.bincount(np.searchsorted(edges, draws, side="left"), minlength=len(expected))
    keep = expected >= 10
    observed = np.append(observed[keep], observed[~keep].sum())
    expected = np.append(expected[keep], expected[~keep].sum())
    if expected[-1] < 10:  # too few to count on their own
        observed = np.append(observed[:-2], observed[-2:].sum())
        expected = np.append(expected[:-2], expected[-2:].sum())
    if len(expected) < 2:
        return 1.0 if observed.sum() == len(draws) else 0.0
    return stats.chisquare(observed, expected).pvalue


def argument(text):
    """A number, whole ones as integers: numpy draws no binomial number with `n=10.0`."""
    value = float(text)
    return int(value) if value.is_integer() else value


for line in sys.stdin:
    case = json.loads(line)
    try:
        args = [argument(text) for text in case["args"]]
        kwargs = {name: argument(text) for name, text in case["kwargs"].items()}
        distribution = getattr(stats, case["name"])(*args, **kwargs)
        at = np.array(case["at"], dtype=float)
        discrete = not hasattr(distribution, "pdf")
        density = distribution.pmf(at) if discrete else distribution.pdf(at)
        distribution.rvs(random_state=1)
        answer = {
            "density": [number(value) for value in density],
            "support": [number(value) for value in distribution.support()],
        }
        if case["draws"]:
            draws = np.array(case["draws"], dtype=float)
            answer["p_value"] = number(
                counts_p_value(distribution, draws)
                if discrete
                else stats.kstest(draws, distribution.cdf).pvalue
            )
    except Exception as error:  # scipy raises whatever comes up
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer))

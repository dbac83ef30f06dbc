"""Draws from numpy's streams as lines of JSON ask for it.

A line `{"seed": 42, "draws": [["binomial", [1000, 0.3]], …]}` gets one back with a result for every
draw, made one after the other from `default_rng(seed)`, and the final state of the stream:
`{"results": […], "state": "…", "increment": "…", "buffered": null or a number}`. A list of words
as the seed is entropy for a SeedSequence; a `["spawn", child]` as the first draw replaces the
stream by a child's. Reads a file or standard input.
"""

import json
import sys

import numpy as np


def as_plain(value):
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value


def draw(rng, kind, arguments):
    if kind == "random":
        return rng.random().hex()
    if kind == "raw":
        return str(rng.bit_generator.random_raw())
    if kind == "uint32":
        return as_plain(rng.integers(0, 2**32, dtype=np.uint32))
    if kind == "integers":
        low, high = (int(bound) for bound in arguments)
        return str(rng.integers(low, high))
    if kind == "below":
        # The whole range of 64 bits, up to and with the largest.
        return str(rng.integers(0, int(arguments[0]), dtype=np.uint64, endpoint=True))
    if kind == "permutation":
        return as_plain(rng.permutation(arguments[0]))
    if kind == "binomial":
        return as_plain(rng.binomial(*arguments))
    if kind == "multinomial":
        try:
            return as_plain(rng.multinomial(*arguments))
        except ValueError:
            return "refused"
    raise ValueError(kind)


def answer(request):
    seeds = np.random.SeedSequence(request["seed"])
    draws = request["draws"]
    if draws and draws[0][0] == "spawn":
        child = draws[0][1][0]
        seeds = seeds.spawn(child + 1)[child]
        draws = draws[1:]
    rng = np.random.Generator(np.random.PCG64(seeds))
    results = [draw(rng, kind, arguments) for kind, arguments in draws]
    state = rng.bit_generator.state
    return {
        "words": seeds.generate_state(5).tolist(),
        "results": results,
        "state": str(state["state"]["state"]),
        "increment": str(state["state"]["inc"]),
        "buffered": state["uinteger"] if state["has_uint32"] else None,
    }


def main():
    lines = open(sys.argv[1]) if len(sys.argv) > 1 else sys.stdin
    for line in lines:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()

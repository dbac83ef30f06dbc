"""Parameter sets of epymodelingsuite for sampling sections given as JSON lines.

Each line: {"seed": int, "sampling": {...}} with the section as the suite's YAML has it. Each answer:
a list of {"parameters", "compartments", "start_date"} with numbers as `float.hex()` writes them, or
{"error": "..."}.
"""

import json
import sys

from epymodelingsuite.sample_generator import generate_samples
from epymodelingsuite.schema.sampling import SamplingConfig


def exact(numbers):
    return {name: float(value).hex() for name, value in numbers.items()}


for line in sys.stdin:
    case = json.loads(line)
    modelset = {"population_names": ["US-MA"], "sampling": case["sampling"]}
    try:
        config = SamplingConfig(modelset=modelset)
        samples = generate_samples(config, seed=case["seed"])
        answer = [
            {
                "parameters": list(exact(sample["parameters"]).items()),
                "compartments": list(exact(sample["compartments"]).items()),
                "start_date": sample["start_date"],
            }
            for sample in samples
        ]
    except Exception as error:  # the suite raises whatever comes up
        answer = {"error": str(error)}
    print(json.dumps(answer))

"""Google Workflows' language where workflows-emulator reads it otherwise than its documentation.

The emulator runs the steps; this puts right, of what deploy/workflow.yaml uses: expressions, the
first branch of a switch alone, retries with growing waits, and functions of the standard library.
It also holds a workflow to the service's limits.

Sources: https://cloud.google.com/workflows/docs/reference/syntax, .../reference/stdlib/overview and
https://cloud.google.com/workflows/quotas.
"""

import ast
import functools
import json
import marshal
import re
import types

import yaml

# The emulator reads YAML when it is imported; C does so in a tenth of the time.
yaml.SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

from workflows_emulator import main, render
from workflows_emulator.utils import WorkflowError

LONGEST_EXPRESSION = 400
MOST_STEPS = 100_000
MOST_MEMORY = 512 * 1024
MODULES = {"http", "json", "list", "map", "math", "sys", "text", "time"}


def refused(message, tag):
    return WorkflowError(message=message, tags=[tag])


def copied(value):
    """Values are copied, never shared."""
    try:
        return marshal.loads(marshal.dumps(value))
    except ValueError:  # one of the emulator's own kinds of map is in it
        return plain(value)


def plain(value):
    if isinstance(value, dict):
        return {str(name): plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


# Expressions


class Members(ast.NodeTransformer):
    """`a.b` is a member of a map, but a function of a module."""

    def visit_Attribute(self, node):
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id in MODULES:
            return node
        member = ast.Subscript(node.value, ast.Constant(node.attr), node.ctx)
        return ast.copy_location(member, node)


@functools.lru_cache(maxsize=None)
def compiled(code):
    if len(code) > LONGEST_EXPRESSION:
        raise SyntaxError(f"an expression has {len(code)} characters: {code}")
    tree = ast.parse(re.sub(r"\bif\(", "_if(", code.strip()), mode="eval")
    return compile(ast.fix_missing_locations(Members().visit(tree)), code, "eval")


def evaluate(code, context):
    return eval(compiled(code), {"__builtins__": {}, **render.STANDARD_LIBRARY}, context)


def render_text(value, context):
    found = re.fullmatch(r"\$\{(.*)\}", value.strip(), re.DOTALL)
    if not found:
        if "${" in value:
            raise SyntaxError(f"an expression inside a text: {value}")
        return value
    return copied(evaluate(found.group(1), context))


def assign(target, value, context):
    """Gives the variable that an assignment changes, and its new value."""
    path, node = [], ast.parse(target, mode="eval").body
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            path.insert(0, node.attr)
        else:
            path.insert(0, evaluate(ast.unparse(node.slice), context))
        node = node.value
    if not path:
        return node.id, value
    changed = holder = copied(context[node.id])
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    return node.id, changed


# A definition as a whole


def check(definition):
    """Refuses what deploying would, although no execution may come to it."""
    for routine in definition.values():
        seen = set()
        check_steps(routine["steps"], seen)


def check_steps(steps, seen):
    """Names of steps are unique in a routine; here, a jump stays in its list."""
    names = [name for step in steps for name in step]
    here = set(names)
    if len(here) < len(names) or here & seen:
        raise SyntaxError(f"two steps of one name among {names}")
    seen |= here
    for step in steps:
        for part in step.values():
            check_part(part, here | {"continue", "break", "end"}, seen)


def check_part(part, here, seen):
    if isinstance(part, dict):
        if part.get("next", "end") not in here:
            raise SyntaxError(f"a jump out of its list, to {part['next']}")
        for name, below in part.items():
            if name == "steps":
                check_steps(below, seen)
            elif name != "next":
                check_part(below, here, seen)
    elif isinstance(part, list):
        for below in part:
            check_part(below, here, seen)
    elif isinstance(part, str) and part.startswith("${"):
        compiled(part[2:-1])


# The standard library


def default(value, otherwise):
    return otherwise if value is None else value


def get_type(value):
    names = {
        bool: "boolean", bytes: "bytes", dict: "map", float: "double",
        int: "integer", list: "list", str: "string", type(None): "null",
    }
    return names[type(value)]


def merge_nested(first, second):
    merged = dict(first)
    for name, value in second.items():
        both = isinstance(value, dict) and isinstance(merged.get(name), dict)
        merged[name] = merge_nested(merged[name], value) if both else value
    return merged


def substring(source, start, end):
    if not 0 <= start <= end <= len(source):
        raise IndexError(f"no characters {start} to {end} in {len(source)}")
    return source[start:end]


def text_of(value):
    return json.dumps(value) if isinstance(value, (bool, float)) else str(value)


# Steps


def execute_switch(step):
    for branch in step.config["switch"]:
        holds = main.render_config(branch["condition"], step.context)
        if not isinstance(holds, bool):
            raise refused(f"not a condition: {branch['condition']}", "TypeError")
        if holds:
            rest = {name: part for name, part in branch.items() if name != "condition"}
            _, following, value = main.execute_step(step.step_id, rest, step.context)
            if value is None and following is None:
                following = step.config.get("next")
            return step.context, following, value
    return step.context, step.config.get("next"), None


def execute_retry(step):
    retry = main.render_config(step.config["retry"], step.context)
    wait = retry["backoff"]["initial_delay"]
    for attempt in range(retry["max_retries"] + 1):
        try:
            return main.execute_step(step.step_id, step.config["try"], step.context)
        except WorkflowError as error:
            retried = main.execute_subworkflow(
                workflow=retry["predicate"],
                params={"e": plain(error.payload)},
                context=main.keep_only_subworkflows(step.context),
            )
            if not retried or attempt == retry["max_retries"]:
                raise
            main.sleep(wait)
            wait = min(wait * retry["backoff"]["multiplier"], retry["backoff"]["max_delay"])


class Use:
    """What an execution has used of what it may."""

    def __init__(self):
        self.steps = 0
        self.memory = 0
        self.callers = []

    def count(self):
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise refused(f"more than {MOST_STEPS} steps", "ResourceLimitError")

    def measure(self, context):
        held = sum(map(size_of, self.callers)) + size_of(context)
        self.memory = max(self.memory, held)
        if held > MOST_MEMORY:
            raise refused(f"variables hold {held} bytes", "ResourceLimitError")


def size_of(context):
    own = {
        name: value
        for name, value in context.items()
        if not (isinstance(value, dict) and "steps" in value)
    }
    return len(json.dumps(own, default=bytes.decode))


def install():
    """Puts it in the emulator's place, and gives what will have been used."""
    use = Use()
    render.run_code = main.run_code = evaluate
    render.render_str = lambda value, context: (
        render_text(value, context) if isinstance(value, str) else value
    )
    render.assign_var = main.assign_var = assign
    library = render.STANDARD_LIBRARY
    library.update(
        {"default": default, "get_type": get_type, "string": text_of, "_if": library["if"],
         "null": None, "true": True, "false": False}
    )
    library["map"].merge_nested = merge_nested
    library["map"].get = lambda source, name: source.get(name)
    library["text"].substring = substring
    main.StepSwitch.execute = execute_switch
    main.StepRetry.execute = execute_retry

    # What it would log costs more than what it does.
    main.json = types.SimpleNamespace(dumps=lambda value: "")

    execute_step, execute_call, execute_for = (
        main.execute_step, main.StepCall.execute, main.StepFor.execute
    )

    def counted_step(step_id, config, context):
        use.count()
        return execute_step(step_id, config, context)

    def measured_call(step):
        use.callers.append(step.context)
        try:
            ended = execute_call(step)
        finally:
            use.callers.pop()
        use.measure(step.context)
        return ended

    def measured_loop(step):
        ended = execute_for(step)
        use.measure(step.context)
        return ended

    main.execute_step = counted_step
    main.StepCall.execute = measured_call
    main.StepFor.execute = measured_loop
    return use

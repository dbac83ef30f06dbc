"""Checks deploy/terraform without Terraform's providers: every file parses, every name that is used is
declared and the reverse, arguments are known, no secret is in it, and it fits what is around it: the
workflow's environment, the variables that `epycloud terraform` gives, and the dashboard.

    python tests/python/check_terraform.py FOLDER --given FILE --workflow FILE

Prints what is wrong, a line each; exit code 1 if anything is. FILE of --given holds lines
`TF_VAR_name=value`.
"""

import argparse
import json
import pathlib
import re
import sys

import hcl2

BROAD_ROLE = re.compile(r"^roles/(owner|editor|viewer)$|[aA]dmin$")
TOKEN = re.compile(r"gh[pousr]_[A-Za-z0-9]{20}|github_pat_[A-Za-z0-9]{20}|-----BEGIN")
REFERENCE = re.compile(r"\b((?:google|time)_\w+)\.(\w+)(?:\[[^\]]*\])?(?:\.(\w+))?")


def plain(text):
    """A name or text without the quotation marks that hcl2 keeps."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def texts(value):
    """All texts in a value, but for comments."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key != "__comments__":
                yield from texts(item)


def blocks(content):
    """The top of a file of Terraform's JSON syntax as hcl2 gives that of a native one."""
    return {kind: body if isinstance(body, list) else [body] for kind, body in content.items()}


class Deployment:
    """What the files of a folder declare."""

    def __init__(self, folder):
        self.folder = folder
        self.faults = []
        self.variables, self.locals, self.resources, self.outputs = {}, {}, {}, {}
        self.values = []
        for path in sorted(folder.glob("*.tf")):
            with path.open() as file:
                try:
                    self.read(path, hcl2.load(file))
                except Exception as error:  # lark raises many kinds
                    self.fault(f"{path.name} doesn't parse: {error}")
        for path in sorted(folder.glob("*.tf.json")):
            self.read(path, blocks(json.loads(path.read_text())))

    def fault(self, text):
        self.faults.append(text)

    def read(self, path, content):
        self.values.append(content)
        for block in content.get("locals", []):
            self.locals.update({name: value for name, value in block.items() if name[:2] != "__"})
        for kind, into in [("variable", self.variables), ("output", self.outputs)]:
            for block in content.get(kind, []):
                self.declare(into, {plain(name): value for name, value in block.items()}, path)
        for block in content.get("resource", []):
            for kind, named in block.items():
                found = {(plain(kind), plain(name)): value for name, value in named.items()}
                self.declare(self.resources, found, path)

    def declare(self, into, found, path):
        for name in found.keys() & into.keys():
            self.fault(f"{path.name} declares {name} again")
        into.update(found)

    def used(self, pattern):
        """What an expression anywhere names."""
        expressions = (text for text in texts(self.values) if "${" in text)
        return {match for text in expressions for match in re.findall(pattern, text)}


def check_names(deployment):
    for prefix, declared in [("var", deployment.variables), ("local", deployment.locals)]:
        used = deployment.used(rf"\b{prefix}\.(\w+)")
        for name in sorted(used - declared.keys()):
            deployment.fault(f"{prefix}.{name} is used and not declared")
        for name in sorted(declared.keys() - used):
            deployment.fault(f"{prefix}.{name} is declared and not used")
    for name, variable in deployment.variables.items():
        for need in {"type", "description"} - variable.keys():
            deployment.fault(f"variable {name} has no {need}")
    for name, output in deployment.outputs.items():
        for need in {"value", "description"} - output.keys():
            deployment.fault(f"output {name} has no {need}")


def check_resources(deployment, known):
    for kind, name, attribute in deployment.used(REFERENCE):
        if (kind, name) not in deployment.resources:
            deployment.fault(f"{kind}.{name} is used and not declared")
        elif attribute and attribute not in known["arguments"][kind] + known["attributes"].get(kind, []):
            deployment.fault(f"{kind} has no attribute {attribute}")
    for (kind, name), body in deployment.resources.items():
        if kind not in known["arguments"]:
            deployment.fault(f"{kind} is not in terraform_arguments.json")
            continue
        allowed = set(known["arguments"][kind] + known["meta"])
        for argument in sorted(arguments(body, known["maps"]) - allowed):
            deployment.fault(f"{kind}.{name} has the unknown argument {argument}")


def arguments(body, maps):
    """The names of all arguments and blocks in a block, but for a map's own keys."""
    names = set()
    for name, value in body.items():
        if name[:2] == "__":
            continue
        name = plain(name)
        names.add(name)
        if name not in maps or isinstance(value, list):
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, dict):
                    names |= arguments(inner, maps)
    return names


def check_secrets(deployment):
    for kind, name in deployment.resources:
        if "secret_version" in kind:
            deployment.fault(f"{kind}.{name} would put a secret's value into the state")
    for path in sorted(deployment.folder.iterdir()):
        if path.is_file() and TOKEN.search(path.read_text()):
            deployment.fault(f"{path.name} holds what looks like a token")
    for text in texts(deployment.values):
        if text.startswith('"roles/') and BROAD_ROLE.search(plain(text)):
            deployment.fault(f"{plain(text)} allows more than anybody here needs")


def check_workflow(deployment, workflow):
    given = {plain(name) for name in deployment.locals["workflow_variables"] if name[:2] != "__"}
    read = set(re.findall(r'sys\.get_env\("(EPYCLOUD_\w+)"', workflow.read_text()))
    for name in sorted(given - read):
        deployment.fault(f"{name} is given to the workflow, which doesn't read it")
    for name in sorted(read - given):
        deployment.fault(f"{name} is read by the workflow and not given")


def check_given(deployment, given):
    names = set(re.findall(r"^TF_VAR_(\w+)=", given.read_text(), re.MULTILINE))
    if not names:
        deployment.fault("`epycloud terraform` gives no variable")
    for name in sorted(names - deployment.variables.keys()):
        deployment.fault(f"`epycloud terraform` gives {name}, which isn't declared")


def check_dashboard(deployment):
    text = (deployment.folder / "dashboard.json").read_text()
    layout = json.loads(text)["mosaicLayout"]
    taken = set()
    for tile in layout["tiles"]:
        title = tile["widget"]["title"]
        columns = range(tile["xPos"], tile["xPos"] + tile["width"])
        if columns.stop > layout["columns"]:
            deployment.fault(f"tile `{title}` is wider than the dashboard")
        places = {(x, y) for x in columns for y in range(tile["yPos"], tile["yPos"] + tile["height"])}
        if places & taken:
            deployment.fault(f"tile `{title}` lies on another")
        taken |= places
    metrics = {plain(body["name"]) for (kind, _), body in deployment.resources.items() if kind == "google_logging_metric"}
    for metric in set(re.findall(r"logging\.googleapis\.com/user/([\w/]+)", text)) - metrics:
        deployment.fault(f"the dashboard shows the metric {metric}, which isn't there")
    workflows = {plain(body["name"]) for (kind, _), body in deployment.resources.items() if kind == "google_workflows_workflow"}
    for workflow in set(re.findall(r'workflow_id=\\"([\w-]+)', text)) - workflows:
        deployment.fault(f"the dashboard shows the workflow {workflow}, which isn't there")


def check_examples(deployment):
    for path in sorted(deployment.folder.glob("*.example")):
        content = hcl2.loads(path.read_text())
        if path.name.startswith("terraform.tfvars"):
            for name in content.keys() - deployment.variables.keys():
                if name[:2] != "__":
                    deployment.fault(f"{path.name} sets {name}, which isn't declared")
        for block in content.get("import", []):
            kind, name, _ = REFERENCE.search(block["to"]).groups()
            if (kind, name) not in deployment.resources:
                deployment.fault(f"{path.name} imports {kind}.{name}, which isn't declared")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--given", type=pathlib.Path, required=True)
    parser.add_argument("--workflow", type=pathlib.Path, required=True)
    chosen = parser.parse_args()
    known = json.loads(pathlib.Path(__file__).with_name("terraform_arguments.json").read_text())
    deployment = Deployment(chosen.folder)
    check_names(deployment)
    check_resources(deployment, known)
    check_secrets(deployment)
    check_given(deployment, chosen.given)
    check_dashboard(deployment)
    check_examples(deployment)
    check_workflow(deployment, chosen.workflow)
    for fault in deployment.faults:
        print(fault)
    print(
        f"{len(deployment.resources)} resources, {len(deployment.variables)} variables, "
        f"{len(deployment.faults)} faults"
    )
    return bool(deployment.faults)


if __name__ == "__main__":
    sys.exit(main())

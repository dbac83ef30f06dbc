"""Compares requests with Google's own descriptions of its services.

    discovery.py < [{"service": "batch", "method": "POST", "path": "v1/…", "query": {…}, "body": …}, …]

The descriptions are those that google-api-python-client carries. Prints what doesn't fit: a path that
is no method's, a parameter or a member that there isn't, a value of the wrong type or outside of its
enumeration, what only the service may set.
"""

import functools
import importlib.resources
import json
import re
import sys

VERSIONS = {
    "batch": "batch.v1",
    "cloudbuild": "cloudbuild.v1",
    "compute": "compute.v1",
    "logging": "logging.v2",
    "secretmanager": "secretmanager.v1",
    "storage": "storage.v1",
    "workflowexecutions": "workflowexecutions.v1",
    "workflows": "workflows.v1",
}
FORMATS = {
    "google-duration": r"\d+(\.\d{1,9})?s",
    "google-datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
    "int64": r"-?\d+",
    "uint64": r"\d+",
    "byte": r"[A-Za-z0-9+/_-]*={0,2}",
}


@functools.cache
def described(service):
    folder = importlib.resources.files("googleapiclient.discovery_cache.documents")
    return json.loads((folder / f"{VERSIONS[service]}.json").read_text())


def methods(resource):
    yield from resource.get("methods", {}).values()
    for below in resource.get("resources", {}).values():
        yield from methods(below)


def path_pattern(service, method):
    """Its path as a pattern; a value in it is what its own pattern says."""

    def value(found):
        name = found.group(2)
        # Requests come with decoded paths.
        usual = ".+" if name == "object" else "[^/]+"
        return f"({method['parameters'][name].get('pattern', usual).strip('^$')})"

    path = re.sub(r"\{(\+?)(\w+)\}", value, method["path"])
    return re.compile(described(service)["servicePath"] + path)


def method_of(request):
    service = request["service"]
    for method in methods(described(service)):
        if method["httpMethod"] == request["method"]:
            if path_pattern(service, method).fullmatch(request["path"]):
                return method
    return None


def problems_of_value(service, value, schema, place):
    if "$ref" in schema:
        schema = described(service)["schemas"][schema["$ref"]]
    if schema.get("readOnly"):
        yield f"{place} is the service's to set"
    kind = schema.get("type", "any")
    if kind == "object":
        yield from problems_of_members(service, value, schema, place)
    elif kind == "array":
        if not isinstance(value, list):
            yield f"{place} isn't a list"
            return
        for index, item in enumerate(value):
            yield from problems_of_value(service, item, schema["items"], f"{place}[{index}]")
    elif kind != "any":
        yield from problems_of_single(value, schema, place)


def problems_of_members(service, value, schema, place):
    if not isinstance(value, dict):
        yield f"{place} isn't an object"
        return
    for name, member in value.items():
        described_member = schema.get("properties", {}).get(
            name, schema.get("additionalProperties")
        )
        if described_member is None:
            yield f"{place}.{name} isn't there"
        else:
            yield from problems_of_value(service, member, described_member, f"{place}.{name}")


def problems_of_single(value, schema, place):
    kind, form = schema["type"], schema.get("format")
    # JSON may carry a 64-bit number as a number too.
    if kind == "string" and form in ("int64", "uint64") and type(value) is int:
        value = str(value)
    fits = {
        "string": isinstance(value, str),
        "integer": type(value) is int,
        "number": type(value) in (int, float),
        "boolean": type(value) is bool,
    }
    if not fits[kind]:
        yield f"{place} is {value!r}, not of type {kind}"
    elif form in FORMATS and not re.fullmatch(FORMATS[form], value):
        yield f"{place} is {value!r}, not a {form}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{place} is {value!r}, not one of {schema['enum']}"


def problems(request):
    service = request["service"]
    method = method_of(request)
    place = f"{request['method']} {request['path']}"
    if method is None:
        yield f"{place} is no method of {service}"
        return
    known = described(service)["parameters"] | method.get("parameters", {})
    for name, value in request["query"].items():
        parameter = known.get(name)
        if parameter is None or parameter.get("location") != "query":
            yield f"{place}: there is no parameter {name}"
        else:
            # What is in an address is text.
            as_text = {**parameter, "type": "string"}
            yield from problems_of_single(value, as_text, f"{place}?{name}")
    body = request["body"]
    if body is not None and "request" not in method:
        yield f"{place} takes no body"
    elif body is not None:
        yield from problems_of_value(service, body, method["request"], f"{place}: body")


if __name__ == "__main__":
    found = [problem for request in json.load(sys.stdin) for problem in problems(request)]
    print(json.dumps(found, indent=1))

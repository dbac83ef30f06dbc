"""Writes what is in the image as a CycloneDX 1.5 document: /app/packages/sbom.cdx.json.

Debian's packages are as dpkg knows them, Python's as the virtual environment does, Rust's crates as
Cargo listed them when the programs were compiled. Licences are named where the packages name them.
It holds no time and no random number, so that the same image has the same document.
"""

import json
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path
from urllib.parse import quote

PACKAGES = Path("/app/packages")
GCLOUD = Path("/usr/lib/google-cloud-sdk/VERSION")
# A field that is longer holds a licence's text, not its name.
LONGEST_NAME = 80


def component(kind, name, version, purl, licences=()):
    """One entry of the document; `licences` in CycloneDX's form."""
    entry = {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if licences:
        entry["licenses"] = list(licences)
    return entry


def purl(kind, name, version, qualifiers=""):
    return f"pkg:{kind}/{name}@{quote(version, safe='')}{qualifiers}"


def named(names):
    """Licences by name, as their packages call them."""
    return [{"license": {"name": name}} for name in sorted(set(names))]


def debian_licences(package):
    """The licences of a machine-readable copyright file; other files say nothing here."""
    try:
        text = Path(f"/usr/share/doc/{package}/copyright").read_text("utf-8", "replace")
    except OSError:
        return []
    names = re.findall(r"^License:[ \t]*(\S[^\n]*)", text, re.MULTILINE)
    return named(name.strip() for name in names if len(name) <= LONGEST_NAME)


def debian():
    """What dpkg has installed."""
    fields = "${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\n"
    query = ["dpkg-query", "--show", "--showformat", fields]
    for line in subprocess.run(query, check=True, capture_output=True, text=True).stdout.splitlines():
        status, name, version, architecture = line.split("\t")
        if status == "installed":
            place = purl("deb/debian", name, version, f"?arch={architecture}")
            yield component("library", name, version, place, debian_licences(name))


def python_licences(about):
    """An SPDX expression where there is one, else a name."""
    if expression := about.get("License-Expression"):
        return [{"expression": expression}]
    licence = (about.get("License") or "").strip()
    if licence and "\n" not in licence and len(licence) <= LONGEST_NAME:
        return named([licence])
    prefix = "License :: "
    classifiers = about.get_all("Classifier") or []
    return named(item.split(" :: ")[-1] for item in classifiers if item.startswith(prefix))


def python():
    """The distributions of the virtual environment that runs this."""
    for distribution in metadata.distributions():
        about = distribution.metadata
        name = re.sub(r"[-_.]+", "-", about["Name"]).lower()
        place = purl("pypi", name, distribution.version)
        yield component("library", name, distribution.version, place, python_licences(about))


def rust():
    """The crates that the programs are made of: lines `name vVERSION LICENCE`."""
    for line in (PACKAGES / "rust.txt").read_text("utf-8").splitlines():
        name, version, *rest = line.split(" ", 2)
        version = version.removeprefix("v")
        # Older crates write `MIT/Apache-2.0` for `OR`.
        licences = [{"expression": " OR ".join(rest[0].split("/"))}] if rest else []
        yield component("library", name, version, purl("cargo", name, version), licences)


def programs():
    """What was copied in: no package manager knows it."""
    yield component("application", "python", platform.python_version(),
                    purl("generic", "python", platform.python_version()),
                    [{"license": {"id": "PSF-2.0"}}])
    said = subprocess.run(["uv", "--version"], check=True, capture_output=True, text=True).stdout
    version = said.split()[1]
    yield component("application", "uv", version, purl("generic", "uv", version),
                    [{"expression": "MIT OR Apache-2.0"}])
    if GCLOUD.exists():
        version = GCLOUD.read_text("utf-8").strip()
        yield component("application", "google-cloud-cli", version,
                        purl("generic", "google-cloud-cli", version))


def main():
    components = {entry["bom-ref"]: entry for part in (debian, python, rust, programs)
                  for entry in part()}
    ours = next(entry for entry in components.values() if entry["name"] == "epycloud-dispatcher")
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "container", "name": "epymodelingsuite",
                                   "version": ours["version"]}},
        "components": [components[reference] for reference in sorted(components)],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (PACKAGES / "sbom.cdx.json").write_text(text + "\n", "utf-8")


main()

"""Runs deploy/workflow.yaml in workflows-emulator, against services on this machine and in no time.

    run.py WORKFLOW ADDRESS < {"argument": …, "environment": …, "token": …}

Requests to *.googleapis.com go to ADDRESS/SERVICE instead; waiting only moves the clock. Prints what
the execution gave or failed with, how long it would have waited, and what it used.
"""

import json
import logging
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

import language
from workflows_emulator import main, render
from workflows_emulator.utils import WorkflowError

MOST_SOURCE = 128 * 1024
LARGEST_ANSWER = 2 * 1024 * 1024
STARTED = 1_795_521_600.0  # 2026-11-24T12:00:00Z


class Clock:
    def __init__(self):
        self.time = STARTED

    def now(self):
        return self.time

    def sleep(self, seconds):
        if not 0 <= seconds <= 31_536_000:
            raise language.refused(f"can't sleep {seconds} s", "ValueError")
        self.time += seconds


class Services:
    def __init__(self, address, token):
        self.address = address
        self.token = token

    def redirected(self, url, query):
        parts = urllib.parse.urlsplit(url)
        service, domain = parts.netloc.split(".", 1)
        if parts.scheme != "https" or domain != "googleapis.com":
            raise language.refused(f"not a service of Google: {url}", "ValueError")
        if service == "storage" and "/" in parts.path.partition("/o/")[2]:
            raise language.refused(f"the path of an object isn't encoded: {url}", "ValueError")
        named = {name: value for name, value in (query or {}).items() if value is not None}
        return f"{self.address}/{service}{parts.path}?{urllib.parse.urlencode(named)}"

    def request(self, method, url, query=None, body=None, auth=None, timeout=300):
        if auth != {"type": "OAuth2"}:
            raise language.refused("Google's own services are asked with OAuth2", "AuthError")
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.redirected(url, query), data, method=method)
        asked.add_header("Authorization", f"Bearer {self.token}")
        asked.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:
                return self.read(answer)
        except urllib.error.HTTPError as error:
            raise WorkflowError(
                message=f"HTTP server responded with error code {error.code}",
                tags=["HttpError"],
                code=error.code,
                headers=dict(error.headers),
                body=error.read().decode(errors="replace"),
            ) from None
        except TimeoutError as error:
            raise language.refused(str(error), "TimeoutError") from None
        except OSError as error:
            raise language.refused(str(error), "ConnectionError") from None

    @staticmethod
    def read(answer):
        try:
            content = answer.read()
        except Exception as error:  # whatever it is that broke off
            raise language.refused(str(error), "ConnectionError") from None
        if len(content) > LARGEST_ANSWER:
            raise language.refused(f"an answer of {len(content)} bytes", "ResourceLimitError")
        is_json = answer.headers.get_content_type() == "application/json"
        body = json.loads(content) if is_json else content
        return {"code": answer.status, "headers": dict(answer.headers), "body": body}


def run(workflow, address, asked):
    if os.path.getsize(workflow) > MOST_SOURCE:
        raise SystemExit(f"{workflow} is larger than a workflow may be")
    os.environ.update(asked["environment"])
    use, clock, log = language.install(), Clock(), []
    services = Services(address, asked["token"])
    library = render.STANDARD_LIBRARY
    library["sys"].now, library["sys"].sleep, main.sleep = clock.now, clock.sleep, clock.sleep
    library["sys"].log = lambda text, severity="INFO": log.append(f"{severity} {text}")
    library["http"].get = lambda **args: services.request("GET", **args)
    library["http"].post = lambda **args: services.request("POST", **args)
    ended = {}
    try:
        definition = main.load_workflow(workflow)
        language.check(definition)
        ended["result"] = main.execute_workflow(definition, {"input": asked["argument"]})
    except WorkflowError as error:
        ended["error"] = language.plain(error.payload)
    return ended | {
        "waited": clock.now() - STARTED,
        "steps": use.steps,
        "memory": use.memory,
        "log": log,
    }


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    print(json.dumps(run(sys.argv[1], sys.argv[2], json.load(sys.stdin))))

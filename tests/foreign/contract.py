#!/usr/bin/env python3
"""The contract against the running stack: openapi.yaml is valid, and schemathesis finds no request that is answered otherwise.

    python tests/foreign/contract.py --local target/debug/headend-local --seconds 120

Starts the local cloud on free ports, with a gateway that demands tokens; schemathesis has a right one, and takes it away to see
whether it is missed. Requests are made up from the schemas, valid ones and invalid ones, alone and along the
links from answer to answer; each answer has to be one that the contract knows, and no invalid request may be accepted.
tests/foreign/schemathesis.toml says which refusals are right ones. The exit status is the verdict. Paths are relative to
the root of the repository.
"""
import os
import re
import subprocess
import sys

# The modules beside this file leave nothing in the source tree.
sys.dont_write_bytecode = True

import scripts
from local_cloud import LocalCloud, Report
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.readers import read_from_filename

FOLDER = os.path.dirname(os.path.abspath(__file__))
CONTRACT = os.path.join(scripts.ROOT, "openapi.yaml")
# More operations than this are in the contract; fewer would mean that it was not read.
OPERATIONS = 10
# Made-up platforms are many, and are to be accepted for as long as it lasts.
NO_LIMITS = ("MaxPlatforms=0", "MaxRunningChannels=0")
GENERATED = re.compile(r"^\s*(\d+) generated(?:, (\d+) passed$)?", re.MULTILINE)
SELECTED = re.compile(r"Selected: (\d+)/(\d+)")


def valid(report):
    document, _ = read_from_filename(CONTRACT)
    problems = [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()]
    report.equal("openapi.yaml is an OpenAPI 3.1 document", problems, [])


def token(cloud):
    """One that outlives every run."""
    scopes = ["platforms/read", "platforms/write", "platforms/operate"]
    wanted = {"scopes": scopes, "tenants": ["default"], "expires": 30 * 86400}
    return "Bearer " + cloud.control("POST", "token", wanted)["token"]


def command(asked, api, authorization):
    return [
        sys.executable, "-m", "schemathesis.cli", "--config-file", os.path.join(FOLDER, "schemathesis.toml"), "--no-color", "run",
        CONTRACT, "--url", api, "--seed", str(asked.seed), "--max-time", str(asked.seconds), "--continue-on-failure",
        "--header", f"Authorization: {authorization}",
    ]


def generated(report, asked, cloud, authorization):
    environment = dict(os.environ, PYTHONPATH=FOLDER, PYTHONDONTWRITEBYTECODE="1", SCHEMATHESIS_HOOKS="contract_hooks")
    done = subprocess.run(command(asked, cloud.api, authorization), env=environment, cwd=scripts.ROOT, stdout=subprocess.PIPE, text=True)
    print(done.stdout, flush=True)
    counted, selected = GENERATED.search(done.stdout), SELECTED.search(done.stdout)
    if not report.holds("schemathesis tells what it did", counted and selected, done.stdout[-400:]):
        return
    report.holds("every operation was asked", selected[1] == selected[2] and int(selected[1]) > OPERATIONS, selected[0])
    report.equal(f"every one of {counted[1]} generated requests is answered as the contract says", counted[2], counted[1])
    report.equal("schemathesis has nothing against the stack", done.returncode, 0)


def arguments():
    parser = scripts.parser(__doc__, speed=20)
    parser.add_argument("--seconds", type=int, default=120, help="how long requests are made up")
    return scripts.read(parser)


def main():
    asked = arguments()
    report = Report()
    report.part("the document", valid, report)
    with LocalCloud(asked.local, scripts.ROOT, asked.speed, asked.seed, parameters=NO_LIMITS, options=["--auth"]) as cloud:
        authorization = token(cloud)
        report.part("the stack", generated, report, asked, cloud, authorization)
        answer = cloud.rest("GET", "/platforms?limit=1", authorization=authorization)
        report.equal("and the stack still answers", answer[0], 200)
        if report.failed:
            print(f"-- the last lines of the local cloud's log:\n{cloud.log_tail()}", flush=True)
    report.equal("the local cloud ends well on SIGTERM", cloud.stopped_with, 0)
    print(f"{report.passed} checks passed, {len(report.failed)} failed", flush=True)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""The contract against the running stack: openapi.yaml is valid, and schemathesis finds no request that is answered otherwise.

    python tests/foreign/contract.py --local target/debug/headend-local --seconds 120
    python tests/foreign/contract.py --local target/debug/headend-local --cases 200000

The second goes on in rounds, each with a seed and a stack of its own, until so many requests were made up.

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
import time

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
# Of each operation and each chain of links in a round of a long run; schemathesis's own number, 100, is for a short one.
EXAMPLES_A_ROUND = 400
# It makes schemas that contradict ours and now and then finds none of their values: no fault of the stack. The next round asks that
# operation again, of another seed; a short run has to do without such gaps.
GIVEN_UP = re.compile(r"\bSchema Error: (\d+)")
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


def command(asked, seed, api, authorization):
    bounds = ["--max-examples", str(EXAMPLES_A_ROUND)] if asked.cases else ["--max-time", str(asked.seconds)]
    return [
        sys.executable, "-m", "schemathesis.cli", "--config-file", os.path.join(FOLDER, "schemathesis.toml"), "--no-color", "run",
        CONTRACT, "--url", api, "--seed", str(seed), *bounds, "--continue-on-failure",
        "--header", f"Authorization: {authorization}",
        # How fast data can be made up depends on what else the machine does.
        "--suppress-health-check=too_slow",
    ]


def generated(report, asked, seed, cloud, authorization):
    """How many requests were made up."""
    environment = dict(os.environ, PYTHONPATH=FOLDER, PYTHONDONTWRITEBYTECODE="1", SCHEMATHESIS_HOOKS="contract_hooks")
    line = command(asked, seed, cloud.api, authorization)
    done = subprocess.run(line, env=environment, cwd=scripts.ROOT, stdout=subprocess.PIPE, text=True)
    print(done.stdout, flush=True)
    counted, selected = GENERATED.search(done.stdout), SELECTED.search(done.stdout)
    if not report.holds("schemathesis tells what it did", counted and selected, done.stdout[-400:]):
        return 0
    report.holds("every operation was asked", selected[1] == selected[2] and int(selected[1]) > OPERATIONS, selected[0])
    report.equal(f"every one of {counted[1]} generated requests is answered as the contract says", counted[2], counted[1])
    given_up = GIVEN_UP.search(done.stdout)
    only_that = given_up and done.stdout.count("\U0001f6ab", done.stdout.index("Errors:")) == 1
    report.holds("schemathesis has nothing against the stack", done.returncode == 0 or asked.cases and only_that, done.returncode)
    if given_up:
        print(f"-- schemathesis could not make up data for {given_up[1]} of the operations to the end of the round", flush=True)
    return int(counted[1])


def one_round(report, asked, seed):
    """On a stack of its own; how many requests were made up."""
    made_up = 0

    def ask(*arguments):
        nonlocal made_up
        made_up = generated(*arguments)

    with LocalCloud(asked.local, scripts.ROOT, asked.speed, seed, parameters=NO_LIMITS, options=["--auth"]) as cloud:
        authorization = token(cloud)
        report.part(f"the stack, seed {seed}", ask, report, asked, seed, cloud, authorization)
        answer = cloud.rest("GET", "/platforms?limit=1", authorization=authorization)
        report.equal("and the stack still answers", answer[0], 200)
        if report.failed:
            print(f"-- the last lines of the local cloud's log:\n{cloud.log_tail()}", flush=True)
    report.equal("the local cloud ends well on SIGTERM", cloud.stopped_with, 0)
    return made_up


def arguments():
    parser = scripts.parser(__doc__, speed=20)
    how_long = parser.add_mutually_exclusive_group()
    how_long.add_argument("--seconds", type=int, default=120, help="how long requests are made up")
    how_long.add_argument("--cases", type=int, default=0, help="how many requests are made up, at least")
    return scripts.read(parser)


def main():
    asked = arguments()
    report = Report()
    report.part("the document", valid, report)
    begun, made_up, seed = time.monotonic(), 0, asked.seed
    while not report.failed:
        made_up += one_round(report, asked, seed)
        if made_up >= asked.cases:
            break
        seed += 1
        print(f"-- {made_up} of {asked.cases} requests after {time.monotonic() - begun:.0f} s", flush=True)
    print(f"{made_up} requests made up; {report.passed} checks passed, {len(report.failed)} failed", flush=True)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
